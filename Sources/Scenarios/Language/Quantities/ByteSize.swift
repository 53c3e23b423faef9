/// An amount of memory or storage in whole bytes.
public struct ByteSize: Hashable, Comparable, Codable, Sendable {
  public let bytes: Int64

  /// - Precondition: not negative.
  public init(bytes: Int64) {
    precondition(bytes >= 0, "a size is not negative")
    self.bytes = bytes
  }

  public static func < (lhs: ByteSize, rhs: ByteSize) -> Bool { lhs.bytes < rhs.bytes }
}

extension ByteSize: ScalarValue {
  private static let units: [(name: String, bytes: Int64)] = [
    ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1),
  ]

  init?(scalar: String) {
    let unit = scalar.suffix(while: \.isLetter)
    guard let size = Self.units.first(where: { $0.name == unit })?.bytes,
      let count = DecimalText.count(scalar.dropLast(unit.count), scale: size)
    else { return nil }
    self.init(bytes: count)
  }

  /// The largest unit that leaves a whole number.
  var scalar: String {
    let unit = Self.units.first { bytes % $0.bytes == 0 && bytes >= $0.bytes } ?? ("B", 1)
    return "\(bytes / unit.bytes)\(unit.name)"
  }

  static var expectation: String {
    "a size with its unit (B, KiB, MiB, GiB, TiB) below 8388608TiB, such as 4GiB"
  }
}
