/// The sets of transactions in a view of the graph of which each can be reached from each other.
///
/// Tarjan's algorithm, with its own stack instead of recursion, since a chain may be as long as the
/// history. Linear in nodes and edges.
///
/// Source: Tarjan, "Depth-first search and linear graph algorithms", SIAM J. Comput. 1(2), 1972.
struct StronglyConnectedComponents {
  /// Those of two nodes or more, nodes ascending, in order of their first node.
  let cyclic: [[Int]]
  /// The component of each node of the view; equal numbers, equal component.
  let component: [Int32]

  init(of graph: DependencyGraph, view: GraphView) {
    let states = view.states
    let count = graph.nodeCount * states
    var index = [Int32](repeating: -1, count: count)
    var low = [Int32](repeating: 0, count: count)
    var component = [Int32](repeating: -1, count: count)
    var path: [Int32] = []
    var calls: [(node: Int, edge: Int)] = []
    var cyclic: [[Int]] = []
    var (visited, found): (Int32, Int32) = (0, 0)

    func enter(_ node: Int) {
      index[node] = visited
      low[node] = visited
      visited += 1
      path.append(Int32(node))
      calls.append((node, Int(graph.offsets[node / states])))
    }

    for root in 0..<count where index[root] < 0 {
      enter(root)
      while let (node, edge) = calls.last {
        if edge < Int(graph.offsets[node / states + 1]) {
          calls[calls.count - 1].edge += 1
          let kind = graph.edges[edge].kind
          guard let state = view.arrival(by: kind, state: node % states) else { continue }
          let next = Int(graph.edges[edge].to) * states + state
          if index[next] < 0 {
            enter(next)
          } else if component[next] < 0 {
            low[node] = min(low[node], index[next])
          }
          continue
        }
        calls.removeLast()
        if let parent = calls.last?.node { low[parent] = min(low[parent], low[node]) }
        guard low[node] == index[node] else { continue }
        var members: [Int] = []
        while let member = path.popLast() {
          component[Int(member)] = found
          members.append(Int(member))
          if Int(member) == node { break }
        }
        found += 1
        if members.count > 1 { cyclic.append(members.sorted()) }
      }
    }
    self.cyclic = cyclic.sorted { $0[0] < $1[0] }
    self.component = component
  }
}
