/// Which conversions SQL makes by itself.
enum Coercion: Int, Comparable {
  /// Anywhere.
  case implicit
  /// When a value is stored in a column.
  case assignment
  /// When written as a cast.
  case explicit

  static func < (lhs: Coercion, rhs: Coercion) -> Bool { lhs.rawValue < rhs.rawValue }

  /// The least occasion on which `source` becomes `target`; `nil` if it never does.
  static func needed(from source: SQLType, to target: SQLType) -> Coercion? {
    if source.kind == target.kind || source.kind == .unknown { return .implicit }
    if let from = source.numericRank, let to = target.numericRank {
      if source.kind == .oid || target.kind == .oid {
        return source.isInteger && target.isInteger
          ? (target.kind == .oid || target.kind == .bigint ? .implicit : .assignment) : nil
      }
      return from < to ? .implicit : .assignment
    }
    switch (source.kind, target.kind) {
    case (.date, .timestamp), (.date, .timestampWithTimeZone), (.timestamp, .timestampWithTimeZone):
      return .implicit
    case (.timestamp, .date), (.timestampWithTimeZone, .date),
      (.timestampWithTimeZone, .timestamp):
      return .assignment
    case (.boolean, .integer), (.integer, .boolean): return .explicit
    default: break
    }
    if source.isText { return target.isText ? .implicit : .explicit }
    return target.isText ? .assignment : nil
  }

  static func allows(_ occasion: Coercion, from source: SQLType, to target: SQLType) -> Bool {
    needed(from: source, to: target).map { $0 <= occasion } ?? false
  }

  /// The type in which values of several types meet, as in CASE, UNION or VALUES: the first that
  /// is known, unless it converts to a later one and not the other way round.
  ///
  /// - Returns: `nil` if two of them do not meet; `text` if none is known.
  static func common(_ types: [SQLType]) -> SQLType? {
    var common: SQLType?
    for type in types where type.kind != .unknown {
      guard let current = common else {
        common = type
        continue
      }
      if current == type { continue }
      if current.kind == type.kind {
        common = type.withoutModifier
      } else if allows(.implicit, from: type, to: current) {
        common = current.withoutModifier
      } else if allows(.implicit, from: current, to: type) {
        common = type.withoutModifier
      } else {
        return nil
      }
    }
    return common ?? .text
  }
}
