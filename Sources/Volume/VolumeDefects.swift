/// Faults that are planted on purpose, to see whether the checkers notice.
public struct VolumeDefects: Sendable, Equatable {
  /// The driver takes a record for durable as soon as it is appended.
  public var acknowledgesBeforeDurable = false
  /// Storage nodes acknowledge what their disks have only cached.
  public var forgetsFlush = false

  /// A disk that came back blank is taken for that of a member that never held anything.
  public var trustsBlankDisks = false

  public init(
    acknowledgesBeforeDurable: Bool = false, forgetsFlush: Bool = false,
    trustsBlankDisks: Bool = false
  ) {
    (self.acknowledgesBeforeDurable, self.forgetsFlush) = (acknowledgesBeforeDurable, forgetsFlush)
    self.trustsBlankDisks = trustsBlankDisks
  }
}
