/// A share of a whole, from 0 % to 100 %, exact to a billionth.
public struct Percentage: Hashable, Comparable, Codable, Sendable {
  public let partsPerBillion: Int64

  /// - Precondition: `partsPerBillion` is in `0...1_000_000_000`.
  public init(partsPerBillion: Int64) {
    precondition((0...1_000_000_000).contains(partsPerBillion), "a share is from 0 % to 100 %")
    self.partsPerBillion = partsPerBillion
  }

  public static let zero = Percentage(partsPerBillion: 0)
  public static let whole = Percentage(partsPerBillion: 1_000_000_000)

  /// - Precondition: `count` is in `0...100`.
  public static func percent(_ count: Int64) -> Percentage {
    Percentage(partsPerBillion: count * 10_000_000)
  }

  /// The share as a probability in `0...1`.
  public var fraction: Double { Double(partsPerBillion) / 1e9 }

  public static func < (lhs: Percentage, rhs: Percentage) -> Bool {
    lhs.partsPerBillion < rhs.partsPerBillion
  }
}

extension Percentage: ScalarValue {
  private static let scale: Int64 = 10_000_000

  init?(scalar: String) {
    guard scalar.hasSuffix("%"),
      let count = DecimalText.count(scalar.dropLast(), scale: Self.scale),
      count <= Self.whole.partsPerBillion
    else { return nil }
    self.init(partsPerBillion: count)
  }

  var scalar: String { DecimalText.text(partsPerBillion, scale: Self.scale) + "%" }
  static var expectation: String { "a percentage from 0% to 100%, such as 2.5%" }
}
