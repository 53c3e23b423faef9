/// Names a transaction that has written something; later ones have greater numbers.
public struct TransactionID: Hashable, Comparable, Sendable {
  public var value: UInt64

  @inlinable public init(_ value: UInt64) { self.value = value }

  /// Stands for no transaction: the rows that a new volume is born with have it.
  public static let none = TransactionID(0)

  @inlinable public static func < (lhs: TransactionID, rhs: TransactionID) -> Bool {
    lhs.value < rhs.value
  }
}

extension TransactionID: CustomStringConvertible {
  public var description: String { "\(value)" }
}
