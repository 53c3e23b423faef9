/// Finds out which of many things it takes.
///
/// Zeller and Hildebrandt's algorithm `ddmin`: parts of the list are tried, then what is left without each
/// part, then smaller parts.
///
/// ```
///   1 2 3 4 5 6 7 8        n = 2: 1234 | 5678       neither part fails alone, nor the list without one
///                          n = 4: 12 | 34 | 56 | 78; without 34 it fails: go on with 12 5678 and n = 3
/// ```
///
/// The result is 1-minimal: it fails, and without any one element it no longer does.
///
/// Source: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE TSE 28 (2), 2002.
enum DeltaDebugging {
  /// - Parameters:
  ///   - elements: a list that fails.
  ///   - firstFailing: the place of the first of some lists that fails, too; `nil` if none does.
  /// - Returns: a part of `elements`, in their order, that fails.
  static func minimize<Element>(
    _ elements: [Element], firstFailing: ([[Element]]) throws -> Int?
  ) rethrows -> [Element] {
    if elements.isEmpty { return [] }
    if try firstFailing([[]]) != nil { return [] }
    var elements = elements
    var parts = 2
    while elements.count > 1 {
      let chunks = split(elements.count, into: parts)
      let subsets = chunks.map { Array(elements[$0]) }
      // Of two parts, each is what is left without the other.
      let complements =
        parts == 2
        ? []
        : chunks.map { Array(elements[..<$0.lowerBound] + elements[$0.upperBound...]) }
      if let found = try firstFailing(subsets + complements) {
        let isSubset = found < subsets.count
        elements = isSubset ? subsets[found] : complements[found - subsets.count]
        parts = isSubset ? 2 : max(2, parts - 1)
      } else if parts < elements.count {
        parts = min(elements.count, parts * 2)
      } else {
        return elements
      }
    }
    return elements
  }

  /// `0..<count` as so many ranges of nearly one length.
  private static func split(_ count: Int, into parts: Int) -> [Range<Int>] {
    (0..<parts).map { count * $0 / parts..<count * ($0 + 1) / parts }
  }
}
