extension Value {
  /// Compares two values that are not NULL: negative if `left` sorts first, 0 if they are equal.
  ///
  /// Text compares byte by byte, as under PostgreSQL's "C" collation; NaN is larger than every
  /// other number and equal to itself. Both must have one representation, except that numbers of
  /// different representations compare by value; the binder sees to that.
  @inlinable
  public static func order(_ left: Value, _ right: Value) -> Int {
    if case .integer(let left) = left, case .integer(let right) = right {
      return left < right ? -1 : (left == right ? 0 : 1)
    }
    return slowOrder(left, right)
  }

  @usableFromInline
  static func slowOrder(_ left: Value, _ right: Value) -> Int {
    switch (left, right) {
    case (.integer(let left), .integer(let right)): return sign(left, right)
    case (.text(let left), .text(let right)): return order(left, right)
    case (.timestamp(let left), .timestamp(let right)): return sign(left, right)
    case (.date(let left), .date(let right)): return sign(left, right)
    case (.boolean(let left), .boolean(let right)): return sign(left ? 1 : 0, right ? 1 : 0)
    case (.double(let left), .double(let right)): return order(left, right)
    case (.decimal(let left), .decimal(let right)): return ExactDecimal.order(left, right)
    case (.bytes(let left), .bytes(let right)):
      return left.withUnsafeBytes { left in right.withUnsafeBytes { order(left, $0) } }
    case (.interval(let left), .interval(let right)):
      return sign(left.comparableLength, right.comparableLength)
    case (.null, .null): return 0
    case (.null, _): return 1
    case (_, .null): return -1
    default: break
    }
    if case .double(let left) = left, let right = right.doubleValue { return order(left, right) }
    if case .double(let right) = right, let left = left.doubleValue { return order(left, right) }
    if let left = left.decimalValue, let right = right.decimalValue {
      return ExactDecimal.order(left, right)
    }
    preconditionFailure("the binder let \(left) be compared with \(right)")
  }

  /// Compares for ORDER BY: NULLs sort as larger than everything else.
  public static func sortOrder(_ left: Value, _ right: Value) -> Int {
    switch (left.isNull, right.isNull) {
    case (false, false): order(left, right)
    case (true, true): 0
    case (true, false): 1
    case (false, true): -1
    }
  }

  static func order(_ left: Double, _ right: Double) -> Int {
    if left < right { return -1 }
    if left > right { return 1 }
    if left == right { return 0 }
    return sign(left.isNaN ? 1 : 0, right.isNaN ? 1 : 0)
  }

  static func order(_ left: String, _ right: String) -> Int {
    let contiguous = left.utf8.withContiguousStorageIfAvailable { left in
      right.utf8.withContiguousStorageIfAvailable { right in
        order(UnsafeRawBufferPointer(left), UnsafeRawBufferPointer(right))
      }
    }
    if let contiguous, let contiguous { return contiguous }
    return order(left, right, from: Array(left.utf8), Array(right.utf8))
  }

  private static func order(_: String, _: String, from left: [UInt8], _ right: [UInt8]) -> Int {
    left.withUnsafeBytes { left in right.withUnsafeBytes { order(left, $0) } }
  }

  static func order(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
    let shared = min(left.count, right.count)
    for index in 0..<shared where left[index] != right[index] {
      return left[index] < right[index] ? -1 : 1
    }
    return sign(left.count, right.count)
  }

  private static func sign<Number: Comparable>(_ left: Number, _ right: Number) -> Int {
    left < right ? -1 : (left == right ? 0 : 1)
  }
}

extension Value {
  /// The value of a number, rounded to a double.
  public var doubleValue: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .double(let value): value
    case .decimal(let value): value.doubleValue
    default: nil
    }
  }

  /// The value of an integer or a decimal.
  public var decimalValue: ExactDecimal? {
    switch self {
    case .integer(let value): ExactDecimal(value)
    case .decimal(let value): value
    default: nil
    }
  }
}
