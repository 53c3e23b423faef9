/// Log sequence number: the place of a redo record in the one log of a volume.
///
/// Records are numbered without holes, from 1; a truncation leaves a hole that no record fills.
public struct LSN: Hashable, Comparable, Codable, Sendable {
  public var value: UInt64

  @inlinable public init(_ value: UInt64) { self.value = value }

  /// Before the first record.
  public static let zero = LSN(0)

  @inlinable public static func < (lhs: LSN, rhs: LSN) -> Bool { lhs.value < rhs.value }
  @inlinable public static func + (lhs: LSN, rhs: UInt64) -> LSN { LSN(lhs.value + rhs) }
  @inlinable public var next: LSN { LSN(value + 1) }
}

extension LSN: CustomStringConvertible {
  public var description: String { "\(value)" }
}
