/// Counts the openings of a volume: who holds the newest may write, all others are fenced.
///
/// A number alone would let two openers of the same instant take the same epoch; the opener's own mark
/// makes them differ.
public struct VolumeEpoch: Hashable, Comparable, Codable, Sendable {
  public let number: UInt32
  /// Identifies who opened the volume.
  public let opener: UInt32

  public init(number: UInt32, opener: UInt32) { (self.number, self.opener) = (number, opener) }

  /// The epoch of a volume that nobody has opened.
  public static let none = VolumeEpoch(number: 0, opener: 0)

  public static func < (lhs: VolumeEpoch, rhs: VolumeEpoch) -> Bool {
    (lhs.number, lhs.opener) < (rhs.number, rhs.opener)
  }
}
