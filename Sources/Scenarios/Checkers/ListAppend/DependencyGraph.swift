/// Which transaction must come before which, and why: the direct serialization graph.
///
/// Edges out of one transaction lie side by side (compressed rows), in ascending order of the
/// transaction they lead to, so that every walk visits them in the same order.
struct DependencyGraph {
  enum Kind: UInt8 {
    /// `to` appended after `from` to the same list.
    case writeWrite
    /// `to` read what `from` had appended.
    case writeRead
    /// `from` read a state that `to` had yet to change: the anti-dependency.
    case readWrite
    /// The same client ran `from` before `to`.
    case session
    /// `from` was over before `to` began.
    case realTime
  }

  struct Edge {
    let from: Int32
    let to: Int32
    let kind: Kind
    /// The list's place; no meaning for session and real time.
    var list: Int32 = 0
    /// The place of the earlier append in the version order; for reads, how many values were read.
    var before: Int32 = 0
    /// The place of the later append; for `writeRead`, of the append that was read.
    var after: Int32 = 0
  }

  let nodeCount: Int
  private(set) var edges: [Edge]
  /// The edges out of node n are `edges[offsets[n]..<offsets[n + 1]]`.
  let offsets: [Int32]

  /// Sorts the edges and keeps one of each kind between two transactions; drops those of a
  /// transaction to itself.
  init(nodeCount: Int, edges unsorted: [Edge]) {
    self.nodeCount = nodeCount
    let sorted = unsorted.lazy.filter { $0.from != $0.to }.sorted { lhs, rhs in
      if lhs.from != rhs.from { return lhs.from < rhs.from }
      if lhs.to != rhs.to { return lhs.to < rhs.to }
      if lhs.kind != rhs.kind { return lhs.kind.rawValue < rhs.kind.rawValue }
      return (lhs.list, lhs.before, lhs.after) < (rhs.list, rhs.before, rhs.after)
    }
    edges = []
    edges.reserveCapacity(sorted.count)
    var offsets = [Int32](repeating: 0, count: nodeCount + 1)
    for edge in sorted {
      if let last = edges.last, last.from == edge.from, last.to == edge.to, last.kind == edge.kind {
        continue
      }
      edges.append(edge)
      offsets[Int(edge.from) + 1] += 1
    }
    for node in 0..<nodeCount { offsets[node + 1] += offsets[node] }
    self.offsets = offsets
  }

  /// The places in `edges` of the edges out of a node.
  func edgeRange(from node: Int) -> Range<Int> { Int(offsets[node])..<Int(offsets[node + 1]) }
}

/// A part of the graph in which every cycle is an anomaly.
enum GraphView {
  /// Appends after appends, with the session's and real-time order.
  case writes
  /// And readings of appends: no anti-dependency.
  case information
  /// Everything, but no two anti-dependencies in a row.
  ///
  /// Each transaction is there twice, as reached by an anti-dependency or not, and the former has
  /// no anti-dependency out of it. A cycle here is what snapshot isolation forbids; to look for it
  /// takes time linear in the graph, where counting anti-dependencies on cycles would not.
  case snapshot
  /// Everything.
  case all

  /// How many states a transaction has in this view: its node for state s is `2n + s`, or `n`.
  var states: Int { self == .snapshot ? 2 : 1 }

  /// The state in which an edge of this kind leaves and arrives; `nil` if the view has it not.
  func arrival(by kind: DependencyGraph.Kind, state: Int) -> Int? {
    switch (self, kind) {
    case (.writes, .writeRead), (.writes, .readWrite), (.information, .readWrite): nil
    case (.snapshot, .readWrite): state == 0 ? 1 : nil
    default: 0
    }
  }
}
