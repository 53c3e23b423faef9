/// How a value is written as bytes.
public enum Format: Int16, Hashable, Sendable {
  case text = 0
  case binary = 1
}

/// The formats of some values, as messages give them: none for all text, one for all alike, or one
/// for each.
public struct FormatCodes: Sendable {
  private let bytes: [UInt8]
  private let start: Int
  /// How many codes there are, not how many values.
  public let count: Int

  /// - Precondition: from `start` on there are `count` known codes of 16 bits.
  init(bytes: [UInt8], start: Int, count: Int) {
    (self.bytes, self.start, self.count) = (bytes, start, count)
  }

  public init(_ formats: [Format]) {
    self.init(
      bytes: formats.flatMap { [0, UInt8($0.rawValue)] }, start: 0, count: formats.count)
  }

  public static let allText = FormatCodes([])
  public static let allBinary = FormatCodes([.binary])

  /// Whether they fit so many values.
  public func fit(_ values: Int) -> Bool { count <= 1 || count == values }

  /// The format of a value.
  ///
  /// - Precondition: they fit the number of values, and `index` is one of them.
  public subscript(index: Int) -> Format {
    if count == 0 { return .text }
    let code = start + 2 * (count == 1 ? 0 : index)
    return bytes[code + 1] == 0 ? .text : .binary
  }

  /// The codes themselves.
  public var codes: [Format] { (0..<count).map { self[$0] } }
}

extension FormatCodes: Hashable {
  public static func == (lhs: Self, rhs: Self) -> Bool { lhs.codes == rhs.codes }

  public func hash(into hasher: inout Hasher) { hasher.combine(codes) }
}
