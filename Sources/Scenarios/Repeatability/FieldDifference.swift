import Simulation

/// The first field, deep inside two values of one type, in which they differ.
struct FieldDifference: Equatable {
  /// Such as `workloads[0].latency.p99`.
  let path: String
  /// The two values in words.
  let first: String
  let second: String

  /// One difference for each stored property of the two that differs, in the order of the properties.
  ///
  /// - Parameter ignoring: names of properties that are no part of the comparison.
  static func all<Value>(
    of first: Value, _ second: Value, ignoring ignored: [String]
  ) -> [FieldDifference] {
    zip(Mirror(reflecting: first).children, Mirror(reflecting: second).children)
      .compactMap { one, other in
        guard let label = one.label, !ignored.contains(label) else { return nil }
        return between(one.value, other.value, at: label)
      }
  }

  /// - Returns: `nil` if the two are equal.
  private static func between(_ first: Any, _ second: Any, at path: String) -> FieldDifference? {
    let (one, other) = (Mirror(reflecting: first), Mirror(reflecting: second))
    switch one.displayStyle {
    case .optional:
      guard let mine = one.children.first, let theirs = other.children.first else { break }
      return between(mine.value, theirs.value, at: path)
    case .collection:
      for (place, (mine, theirs)) in zip(one.children, other.children).enumerated() {
        if let found = between(mine.value, theirs.value, at: "\(path)[\(place)]") { return found }
      }
      guard one.children.count != other.children.count else { return nil }
      return FieldDifference(
        path: "\(path).count", first: "\(one.children.count)", second: "\(other.children.count)")
    case .struct where !(first is any CustomStringConvertible):
      for (mine, theirs) in zip(one.children, other.children) {
        let label = mine.label.map { ".\($0)" } ?? ""
        if let found = between(mine.value, theirs.value, at: path + label) { return found }
      }
      return nil
    default: break
    }
    let (mine, theirs) = (words(for: first), words(for: second))
    return mine == theirs ? nil : FieldDifference(path: path, first: mine, second: theirs)
  }

  private static func words(for value: Any) -> String {
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .optional {
      return mirror.children.first.map { words(for: $0.value) } ?? "none"
    }
    // Their descriptions are rounded.
    if let interval = value as? Interval { return "\(interval)" }
    if let instant = value as? Instant { return "\(instant.nanoseconds) ns" }
    return String(describing: value)
  }
}
