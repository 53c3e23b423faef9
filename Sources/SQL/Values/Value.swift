/// One SQL value.
///
/// The cases are representations, not types: `smallint`, `integer`, `bigint` and `oid` are all
/// `.integer`, every string type is `.text`, `real` and `double precision` are both `.double`, and
/// the two timestamps are both `.timestamp`. What a value may be, and how it prints, is the
/// `SQLType`'s to say. The rarer, wider contents are boxed to keep the enum at 17 bytes.
public enum Value: Sendable {
  case null
  case boolean(Bool)
  case integer(Int64)
  case double(Double)
  /// Microseconds since 2000-01-01 00:00 UTC.
  case timestamp(Int64)
  /// Days since 2000-01-01.
  case date(Int32)
  case text(String)
  case bytes([UInt8])
  indirect case decimal(ExactDecimal)
  indirect case interval(SQLInterval)

  @inlinable
  public var isNull: Bool {
    if case .null = self { return true }
    return false
  }
}

/// A span of time in three parts that do not convert into one another exactly.
public struct SQLInterval: Hashable, Sendable {
  public var months: Int32
  public var days: Int32
  public var microseconds: Int64

  public init(months: Int32 = 0, days: Int32 = 0, microseconds: Int64 = 0) {
    self.months = months
    self.days = days
    self.microseconds = microseconds
  }

  /// The length used to compare intervals, in microseconds: a month is 30 days, a day 24 hours.
  public var comparableLength: Int128 {
    (Int128(months) * 30 + Int128(days)) * 86_400_000_000 + Int128(microseconds)
  }
}

/// Sameness as GROUP BY, DISTINCT and IS NOT DISTINCT FROM see it: NULL is the same as NULL, `1.0`
/// as `1.00`, NaN as NaN, and text is the same when its bytes are.
extension Value: Hashable {
  public static func == (lhs: Value, rhs: Value) -> Bool {
    switch (lhs, rhs) {
    case (.integer(let left), .integer(let right)): left == right
    case (.text(let left), .text(let right)): left.utf8.elementsEqual(right.utf8)
    case (.null, .null): true
    case (.null, _), (_, .null): false
    default: lhs.hasSameRepresentation(as: rhs) && Value.order(lhs, rhs) == 0
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .null: hasher.combine(0)
    case .boolean(let value): hasher.combine(value)
    case .integer(let value): hasher.combine(value)
    case .double(let value):
      hasher.combine(value.isNaN ? Double.nan.bitPattern : (value + 0).bitPattern)
    case .timestamp(let value): hasher.combine(value)
    case .date(let value): hasher.combine(value)
    case .text(let value): for byte in value.utf8 { hasher.combine(byte) }
    case .bytes(let value): hasher.combine(value)
    case .decimal(let value): hasher.combine(value.normalized)
    case .interval(let value): hasher.combine(value.comparableLength)
    }
  }

  private func hasSameRepresentation(as other: Value) -> Bool {
    switch (self, other) {
    case (.boolean, .boolean), (.double, .double), (.timestamp, .timestamp), (.date, .date),
      (.bytes, .bytes), (.decimal, .decimal), (.interval, .interval):
      true
    default: false
    }
  }
}
