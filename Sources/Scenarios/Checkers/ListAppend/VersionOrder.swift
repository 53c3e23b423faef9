/// The order in which a list got its values: the longest reading of it by a committed transaction.
///
/// Every other reading must be a beginning of it. One that is not shows that there is no single
/// order; it is reported as such and takes no part in the graph.
struct VersionOrder {
  /// The list's place in the history.
  let list: Int
  let elements: [Int]
  /// The transaction of each element; `nil` if it was rolled back or nobody appended the value, in
  /// which case the anomaly is reported by itself and the element carries no dependency.
  let writers: [Int?]
  /// Who read it; `nil` if nobody ever read the list.
  let reader: Int?
  /// For each of the history's readings of the list, whether it is a beginning of the order.
  let isPrefix: [Bool]

  init(of list: Int, in history: ListAppendHistory) {
    self.list = list
    var longest: ListAppendHistory.Reading?
    for reading in history.readings[list] where reading.values.count > longest?.values.count ?? -1 {
      longest = reading
    }
    let elements = longest?.values ?? []
    self.elements = elements
    isPrefix = history.readings[list].map { elements.starts(with: $0.values) }
    reader = longest?.transaction
    writers = elements.map { value in
      guard let append = history.append(of: value, to: list) else { return nil }
      let isRolledBack = history.transactions[append.transaction].outcome == .rolledBack
      return isRolledBack ? nil : append.transaction
    }
  }

  /// For each element, the first of the history's readings of the list that holds it, leaving out
  /// those that are no beginning of the order.
  func firstReadings(in history: ListAppendHistory) -> [Int] {
    let readings = history.readings[list]
    var first = [Int](repeating: Int.max, count: elements.count)
    for (index, reading) in readings.enumerated() where isPrefix[index] && !reading.values.isEmpty {
      first[reading.values.count - 1] = min(first[reading.values.count - 1], index)
    }
    for place in elements.indices.dropLast().reversed() {
      first[place] = min(first[place], first[place + 1])
    }
    return first
  }
}
