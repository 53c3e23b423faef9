/// Faults that are planted on purpose, to see whether the checkers notice.
public struct VolumeDefects: Sendable, Equatable {
  /// The driver takes a record for durable as soon as it is appended.
  public var acknowledgesBeforeDurable = false
  /// Storage nodes acknowledge what their disks have only cached.
  public var forgetsFlush = false

  public init(acknowledgesBeforeDurable: Bool = false, forgetsFlush: Bool = false) {
    (self.acknowledgesBeforeDurable, self.forgetsFlush) = (acknowledgesBeforeDurable, forgetsFlush)
  }
}
