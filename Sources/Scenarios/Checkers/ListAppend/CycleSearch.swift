/// Finds a short cycle in a component, so that its witness can be read.
///
/// From the end of each edge that the cycle must have, a breadth-first search looks for the way
/// back. Edges are taken in order and a later search gives up as soon as it cannot be shorter, so
/// the answer is the shortest cycle and the same in every process. In a component of a broken
/// history with many thousand members that would take too long: after `budget` steps the shortest
/// one found so far is good enough.
struct CycleSearch {
  private let graph: DependencyGraph
  private let view: GraphView
  private let components: StronglyConnectedComponents
  /// How each node of the view was reached in the search at hand.
  private var arrivals: [(edge: Int32, from: Int32)]
  /// The search in which each node was last reached.
  private var marks: [Int32]
  private var mark: Int32 = 0

  /// Steps along edges, per component.
  private static let budget = 200_000

  init(_ graph: DependencyGraph, view: GraphView, components: StronglyConnectedComponents) {
    self.graph = graph
    self.view = view
    self.components = components
    arrivals = Array(repeating: (-1, -1), count: components.component.count)
    marks = [Int32](repeating: 0, count: components.component.count)
  }

  /// A shortest cycle through an edge of the given kind, as places in `graph.edges`; it begins with
  /// the edge out of its lowest transaction. `nil` if no cycle has such an edge.
  mutating func shortestCycle(in members: [Int], through kind: DependencyGraph.Kind) -> [Int]? {
    let states = view.states
    var best: [Int]?
    var steps = 0
    for node in members {
      for edge in graph.edgeRange(from: node / states) where graph.edges[edge].kind == kind {
        guard steps < Self.budget || best == nil else { break }
        guard let state = view.arrival(by: kind, state: node % states) else { continue }
        let next = Int(graph.edges[edge].to) * states + state
        guard components.component[next] == components.component[node] else { continue }
        let limit = (best?.count ?? Int.max) - 1
        if let way = way(from: next, to: node, below: limit, steps: &steps) {
          best = [edge] + way
          if way.count == 1 { return best.map(rotated) }
        }
      }
    }
    return best.map(rotated)
  }

  /// The shortest way between two nodes of one component, if it has fewer than `limit` edges.
  private mutating func way(
    from start: Int, to goal: Int, below limit: Int, steps: inout Int
  ) -> [Int]? {
    let states = view.states
    mark += 1
    marks[start] = mark
    var frontier = [start]
    var depth = 0
    while !frontier.isEmpty {
      depth += 1
      if depth >= limit { return nil }
      var next: [Int] = []
      for node in frontier {
        for edge in graph.edgeRange(from: node / states) {
          steps += 1
          let kind = graph.edges[edge].kind
          guard let state = view.arrival(by: kind, state: node % states) else { continue }
          let reached = Int(graph.edges[edge].to) * states + state
          guard components.component[reached] == components.component[goal] else { continue }
          guard marks[reached] != mark else { continue }
          marks[reached] = mark
          arrivals[reached] = (Int32(edge), Int32(node))
          if reached == goal { return unwind(to: goal, from: start) }
          next.append(reached)
        }
      }
      frontier = next
    }
    return nil
  }

  private func unwind(to goal: Int, from start: Int) -> [Int] {
    var way: [Int] = []
    var node = goal
    while node != start {
      way.append(Int(arrivals[node].edge))
      node = Int(arrivals[node].from)
    }
    return way.reversed()
  }

  private func rotated(_ cycle: [Int]) -> [Int] {
    let lowest = cycle.indices.min { graph.edges[cycle[$0]].from < graph.edges[cycle[$1]].from }
    guard let lowest else { return cycle }
    return Array(cycle[lowest...] + cycle[..<lowest])
  }
}
