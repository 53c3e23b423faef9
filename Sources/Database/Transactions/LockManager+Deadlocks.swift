import Simulation

/// Who waits for whom, and what becomes of those who wait in a circle.
///
/// ```
///   T1 waits for the lock ──▶ T2 has it                         a hard edge: only the end of T2 helps
///   T1 waits for the lock ──▶ T2 waits for it in front of T1    a soft edge: T1 may be let past
/// ```
///
/// Nobody looks when a wait begins, for most waits are short. Whoever has waited for the deadlock timeout
/// looks for a circle that it stands in. If one edge is soft and letting the waiter past leaves no circle,
/// that is done; else the one who has looked is the victim.
///
/// Source: PostgreSQL, `storage/lmgr/README` (the deadlock detection algorithm). We differ: a waiter is
/// only let past the one that it waits for, where PostgreSQL sorts the whole queue.
extension LockManager {
  /// `waiter`'s request waits for another one.
  private struct Edge {
    let waiter: Transaction
    let request: Int32
    let blocker: Transaction
    /// The request that it waits for.
    let blocking: Int32
    let isSoft: Bool
  }

  /// How many waiters are let past others in order to break one circle.
  private static let rearrangements = 4

  /// Breaks the circles through a transaction that waits, if there are any.
  ///
  /// - Returns: `nil` if there is none (any more); else the circle in PostgreSQL's words.
  func breakDeadlock(of start: Transaction) -> String? {
    guard let cycle = cycle(through: start) else { return nil }
    if rearrange(cycle, for: start, left: Self.rearrangements) { return nil }
    deadlocks += 1
    return cycle.map { edge in
      Self.line(edge.waiter, requests[Int(edge.request)].mode, table(of: edge), edge.blocker)
    }.joined(separator: "\n")
  }

  /// Lets waiters past others until no circle is left.
  ///
  /// - Returns: whether that could be done; if not, everybody stands where they stood.
  private func rearrange(_ cycle: [Edge], for start: Transaction, left: Int) -> Bool {
    for edge in cycle where edge.isSoft {
      let successor = requests[Int(edge.request)].next
      move(edge.request, before: edge.blocking)
      let rest = self.cycle(through: start) ?? self.cycle(through: edge.blocker)
      if rest.map({ left > 1 && rearrange($0, for: start, left: left - 1) }) ?? true {
        grant(requests[Int(edge.request)].name)
        return true
      }
      move(edge.request, before: successor)
    }
    return false
  }

  private func cycle(through start: Transaction) -> [Edge]? {
    visits += 1
    var cycle: [Edge] = []
    return search(start, for: start, &cycle) ? cycle.reversed() : nil
  }

  /// - Parameter cycle: receives the circle, backwards.
  private func search(
    _ waiter: Transaction, for start: Transaction, _ cycle: inout [Edge]
  ) -> Bool {
    let number = waiter.waitingRequest
    guard number >= 0 else { return false }
    waiter.visitMark = visits
    var edges: [Edge] = []
    visitBlockers(of: number, first: index.first(of: requests[Int(number)].name)) { other in
      guard let blocker = requests[Int(other)].transaction else { return }
      edges.append(
        Edge(
          waiter: waiter, request: number, blocker: blocker, blocking: other,
          isSoft: !requests[Int(other)].isGranted))
    }
    for edge in edges {
      if edge.blocker === start
        || (edge.blocker.visitMark != visits && search(edge.blocker, for: start, &cycle))
      {
        cycle.append(edge)
        return true
      }
    }
    return false
  }

  private func table(of edge: Edge) -> UInt32 { requests[Int(edge.request)].table }

  // MARK: Words

  /// Two who hold a table in modes that keep the other from getting what it wants.
  func mutualUpgrade(
    _ transaction: Transaction, _ mode: LockMode, _ table: UInt32, with other: Transaction
  ) -> String {
    let otherMode = requests[Int(other.waitingRequest)].mode
    return Self.line(transaction, mode, table, other) + "\n"
      + Self.line(other, otherMode, table, transaction)
  }

  /// The number of the database `postgres` since PostgreSQL 15.
  private static let database = 5

  private static func line(
    _ waiter: Transaction, _ mode: LockMode, _ table: UInt32, _ blocker: Transaction
  ) -> String {
    let object =
      table == 0
      ? "transaction \(blocker.id ?? .none)" : "relation \(table) of database \(database)"
    return "Process \(waiter.processID) waits for \(mode.name) on \(object); "
      + "blocked by process \(blocker.processID)."
  }
}
