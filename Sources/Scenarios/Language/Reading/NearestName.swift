/// Finds the name that somebody probably meant.
enum NearestName {
  /// The known name with the fewest edits from `name`, the earliest of several; `nil` if even that
  /// one differs in more than a third of its letters.
  static func match(for name: String, among known: [String]) -> String? {
    // Nobody means a known name by a text of that length, and comparing takes its square.
    if name.utf8.count > 200 { return nil }
    var best: (name: String, distance: Int)?
    for candidate in known {
      let distance = distance(name, candidate)
      let tolerance = (max(name.count, candidate.count) + 1) / 3
      if distance <= tolerance, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.name
  }

  /// The number of insertions, deletions, substitutions and swaps of neighbours that turn one text
  /// into the other (optimal string alignment).
  static func distance(_ lhs: String, _ rhs: String) -> Int {
    let a = Array(lhs.lowercased().unicodeScalars)
    let b = Array(rhs.lowercased().unicodeScalars)
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var edits = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          edits = min(edits, beforeLast[j - 1] + 1)
        }
        row.append(edits)
      }
      (beforeLast, last) = (last, row)
    }
    return last[b.count]
  }
}
