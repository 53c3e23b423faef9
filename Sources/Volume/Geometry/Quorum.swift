/// How many copies must agree.
public struct Quorum: Hashable, Codable, Sendable {
  public let copies: Int
  public let write: Int
  public let read: Int

  public init(copies: Int, write: Int, read: Int) {
    (self.copies, self.write, self.read) = (copies, write, read)
  }

  /// Four of six to write, three of six to read: an AZ and one more node may be lost without losing data,
  /// an AZ without losing the ability to write.
  public static let aurora = Quorum(copies: 6, write: 4, read: 3)

  /// Whether every read meets every write, and every write meets every other.
  public var overlaps: Bool { read + write > copies && write * 2 > copies }
}
