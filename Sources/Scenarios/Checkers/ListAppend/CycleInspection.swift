/// Finds the cycles of a dependency graph and names them.
///
/// The views are searched from the most basic one up. A component of a larger view that contains a
/// cycle of a smaller one is not searched for the larger kind once more unless that kind has an
/// edge of its own in the cycle, so every witness shows what its name says.
struct CycleInspection {
  let graph: DependencyGraph
  let orders: [VersionOrder]

  func inspect(into found: inout AnomalyList) {
    inspect(.writes, into: &found)
    inspect(.information, into: &found)
    let forbidden = inspect(.snapshot, into: &found)
    inspect(.all, excluding: forbidden, into: &found)
  }

  /// Reports one cycle for each component of a view.
  ///
  /// - Parameter excluded: transactions whose component is left out.
  /// - Returns: for each transaction, whether it is in a cycle of the view.
  @discardableResult
  private func inspect(
    _ view: GraphView, excluding excluded: [Bool] = [], into found: inout AnomalyList
  ) -> [Bool] {
    let components = StronglyConnectedComponents(of: graph, view: view)
    var isCyclic = [Bool](repeating: false, count: graph.nodeCount)
    var search = CycleSearch(graph, view: view, components: components)
    for members in components.cyclic {
      for member in members { isCyclic[member / view.states] = true }
      if !excluded.isEmpty, members.contains(where: { excluded[$0 / view.states] }) { continue }
      guard let cycle = search.shortestCycle(in: members, through: view.characteristicEdge) else {
        continue
      }
      report(cycle, in: view, into: &found)
    }
    return isCyclic
  }

  private func report(_ cycle: [Int], in view: GraphView, into found: inout AnomalyList) {
    let edges = cycle.map { graph.edges[$0] }
    let antiDependencies = edges.count { $0.kind == .readWrite }
    let kind: Anomaly.Kind =
      switch view {
      case .writes: .writeCycle
      case .information: .informationCycle
      case .snapshot:
        antiDependencies == 1 ? .singleAntiDependency : .nonadjacentAntiDependencies
      case .all: .antiDependencyCycle
      }
    found.add(kind, transactions: edges.map { Int($0.from) }) { wording in
      edges.map { edge in
        switch edge.kind {
        case .session, .realTime: wording.sentence(edge, order: nil)
        case .writeWrite, .writeRead, .readWrite:
          wording.sentence(edge, order: orders[Int(edge.list)])
        }
      } + ["Each would have to come before the other: no order of them explains this."]
    }
  }
}

extension GraphView {
  /// The kind of edge that a cycle must have to be one of this view and of no smaller one.
  fileprivate var characteristicEdge: DependencyGraph.Kind {
    switch self {
    case .writes: .writeWrite
    case .information: .writeRead
    case .snapshot, .all: .readWrite
    }
  }
}
