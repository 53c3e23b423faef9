import Simulation

extension DependencyGraph {
  /// Builds the graph of a history.
  ///
  /// - Parameter orders: one per list of the history.
  init(
    of history: ListAppendHistory, orders: [VersionOrder], strictness: ListAppendChecker.Strictness
  ) {
    var edges: [Edge] = []
    for order in orders { Self.addDataEdges(of: order, in: history, to: &edges) }
    switch strictness {
    case .none: break
    case .session: Self.addSessionEdges(of: history, to: &edges)
    case .realTime: Self.addRealTimeEdges(of: history, to: &edges)
    }
    self.init(nodeCount: history.transactions.count, edges: edges)
  }

  private static func addDataEdges(
    of order: VersionOrder, in history: ListAppendHistory, to edges: inout [Edge]
  ) {
    let writers = order.writers
    let list = Int32(order.list)
    // The nearest element at or after each place that somebody is known to have committed.
    var following = [Int](repeating: writers.count, count: writers.count + 1)
    for place in writers.indices.reversed() {
      following[place] = writers[place] == nil ? following[place + 1] : place
    }

    var earlier = following[0]
    while earlier < writers.count {
      let later = following[earlier + 1]
      if later < writers.count, let from = writers[earlier], let to = writers[later] {
        edges.append(
          Edge(
            from: Int32(from), to: Int32(to), kind: .writeWrite, list: list,
            before: Int32(earlier), after: Int32(later)))
      }
      earlier = later
    }

    for (index, reading) in history.readings[order.list].enumerated() where order.isPrefix[index] {
      let reader = reading.transaction
      let count = reading.values.count
      // The last value that is not the reader's own.
      var last = count - 1
      while last >= 0, writers[last] == nil || writers[last] == reader { last -= 1 }
      if last >= 0, let writer = writers[last] {
        edges.append(
          Edge(
            from: Int32(writer), to: Int32(reader), kind: .writeRead, list: list,
            before: Int32(count), after: Int32(last)))
      }
      let next = following[count]
      if next < writers.count, let writer = writers[next] {
        edges.append(
          Edge(
            from: Int32(reader), to: Int32(writer), kind: .readWrite, list: list,
            before: Int32(count), after: Int32(next)))
      }
    }
  }

  /// A transaction in doubt may take effect after its client has gone on, so none leads out of it.
  private static func addSessionEdges(of history: ListAppendHistory, to edges: inout [Edge]) {
    var previous = LookupTable<Int, Int>()
    for (number, transaction) in history.transactions.enumerated() {
      guard transaction.outcome != .rolledBack, transaction.process >= 0 else { continue }
      if let before = previous[transaction.process] {
        edges.append(Edge(from: Int32(before), to: Int32(number), kind: .session))
      }
      if transaction.outcome == .committed { previous[transaction.process] = number }
    }
  }

  /// An edge from every transaction to those that began after it was over, leaving out what follows
  /// from the rest: only the completions that no later completed transaction comes after.
  ///
  /// Linear in the history times the number of clients.
  private static func addRealTimeEdges(of history: ListAppendHistory, to edges: inout [Edge]) {
    let committed = history.transactions.indices.filter {
      history.transactions[$0].outcome != .rolledBack
    }
    let began = committed.sorted { lhs, rhs in
      (history.transactions[lhs].invoked, lhs) < (history.transactions[rhs].invoked, rhs)
    }
    let ended = committed.compactMap { number in
      history.transactions[number].completed.map { (number: number, end: $0) }
    }.sorted { ($0.end, $0.number) < ($1.end, $1.number) }

    // Completed transactions that are not known to precede another completed one.
    var latest: [Int] = []
    var next = 0
    for number in began {
      while next < ended.count, ended[next].end < history.transactions[number].invoked {
        let beginning = history.transactions[ended[next].number].invoked
        latest.removeAll { history.end(of: $0) < beginning }
        latest.append(ended[next].number)
        next += 1
      }
      for before in latest {
        edges.append(Edge(from: Int32(before), to: Int32(number), kind: .realTime))
      }
    }
  }
}
