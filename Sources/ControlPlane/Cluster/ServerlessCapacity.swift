/// A Serverless capacity, counted in the half steps of an Aurora capacity unit in which it moves.
///
/// One ACU is about 2 GiB of memory "with corresponding CPU". AWS publishes no figure for the latter;
/// 0.25 vCPU is derived from the 8 GiB per vCPU of the memory-optimised classes.
///
/// Source: Aurora User Guide, "How Aurora Serverless v2 works"; the largest capacity is 256 ACU.
public struct ServerlessCapacity: Hashable, Comparable, Codable, Sendable {
  public let halves: Int

  public init(halves: Int) { self.halves = halves }

  public static let smallest = ServerlessCapacity(halves: 1)
  public static let largest = ServerlessCapacity(halves: 512)

  public var acu: Double { Double(halves) / 2 }
  public var milliACU: Int { halves * 500 }
  /// May be fractional; see ``Processor``.
  public var vCPU: Double { Double(halves) * 0.125 }
  /// In bytes.
  public var memory: Int { halves << 30 }

  /// The smallest capacity that is not below this many thousandths of an ACU.
  static func covering(milliACU: Int) -> ServerlessCapacity {
    ServerlessCapacity(halves: (milliACU + 499) / 500)
  }

  public static func < (lhs: ServerlessCapacity, rhs: ServerlessCapacity) -> Bool {
    lhs.halves < rhs.halves
  }
}

extension ServerlessCapacity: CustomStringConvertible {
  public var description: String { "\(halves / 2)\(halves % 2 == 0 ? "" : ".5") ACU" }
}
