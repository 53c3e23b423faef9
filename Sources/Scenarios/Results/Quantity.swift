public import Simulation
import Statistics

/// A measured value with its unit, as objectives compare and reports print it.
public enum Quantity: Codable, Equatable, Sendable {
  case duration(Interval)
  /// Per second.
  case rate(Double)
  case count(Int)
  /// From 0 to 1; printed in per cent.
  case ratio(Double)
  /// In ACU.
  case capacity(Double)
  case bytes(Int)

  /// The bare number in the base unit: seconds, per second, a count, a ratio, ACU, bytes.
  public var magnitude: Double {
    switch self {
    case .duration(let value): Double(value.nanoseconds) / 1e9
    case .rate(let value), .ratio(let value), .capacity(let value): value
    case .count(let value), .bytes(let value): Double(value)
    }
  }

  /// Another quantity of the same unit; a count or a size is rounded.
  public func with(magnitude: Double) -> Quantity {
    switch self {
    case .duration: .duration(.nanoseconds(Int64((magnitude * 1e9).rounded())))
    case .rate: .rate(magnitude)
    case .ratio: .ratio(magnitude)
    case .capacity: .capacity(magnitude)
    case .count: .count(Int(magnitude.rounded()))
    case .bytes: .bytes(Int(magnitude.rounded()))
    }
  }
}

extension Quantity {
  /// In words, with as many digits as it takes to see on which side of a bound the value lies: `30.0004 s`
  /// against 30 s, and not `30.0 s`.
  ///
  /// - Parameter bound: of the same unit.
  public func text(against bound: Quantity) -> String {
    switch (self, bound) {
    case (.duration(let value), .duration(let bound)):
      FixedPoint.duration(nanoseconds: value.nanoseconds, against: bound.nanoseconds)
    case (.bytes(let value), .bytes(let bound)):
      // Rounded to tenths of the unit, sizes that print alike may differ.
      value != bound && description == FixedPoint.bytes(bound)
        ? "\(FixedPoint.grouped(value)) B" : description
    case (.rate(let value), .rate(let bound)): "\(FixedPoint.string(value, against: bound))/s"
    case (.capacity(let value), .capacity(let bound)):
      "\(FixedPoint.string(value, against: bound)) ACU"
    case (.ratio(let value), .ratio(let bound)):
      "\(FixedPoint.string(value * 100, against: bound * 100)) %"
    default: description
    }
  }
}

extension Quantity: CustomStringConvertible {
  public var description: String {
    switch self {
    case .duration(let value): FixedPoint.duration(nanoseconds: value.nanoseconds)
    case .rate(let value): "\(FixedPoint.string(value, decimals: 1))/s"
    case .count(let value): FixedPoint.grouped(value)
    case .ratio(let value): "\(FixedPoint.string(value * 100, decimals: 1)) %"
    case .capacity(let value): "\(FixedPoint.string(value, decimals: 1)) ACU"
    case .bytes(let value): FixedPoint.bytes(value)
    }
  }
}
