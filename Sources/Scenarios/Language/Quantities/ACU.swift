/// A Serverless capacity in Aurora capacity units, counted in their half steps.
///
/// Source: Aurora User Guide, Aurora Serverless v2: capacity moves in steps of 0.5 ACU, up to 256.
public struct ACU: Hashable, Comparable, Codable, Sendable {
  public let halves: Int64

  public init(halves: Int64) { self.halves = halves }

  public static let smallest = ACU(halves: 1)
  public static let largest = ACU(halves: 512)

  public var value: Double { Double(halves) / 2 }

  public static func < (lhs: ACU, rhs: ACU) -> Bool { lhs.halves < rhs.halves }
}

extension ACU: ScalarValue {
  init?(scalar: String) {
    guard let halves = DecimalText.count(scalar[...], scale: 2),
      (Self.smallest.halves...Self.largest.halves).contains(halves)
    else { return nil }
    self.init(halves: halves)
  }

  var scalar: String { DecimalText.text(halves * 5, scale: 10) }
  static var expectation: String { "a capacity in steps of 0.5 from 0.5 to 256 ACU, such as 8" }
}
