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
