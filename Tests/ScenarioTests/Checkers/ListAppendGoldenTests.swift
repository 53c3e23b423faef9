import Scenarios
import Simulation
import Testing

/// One transaction of a hand-made history: number n runs from n to n + 10 seconds, so that all of
/// a short history are concurrent.
private func transaction(
  _ number: Int, _ operations: [ListAppendTransaction.Operation],
  _ outcome: ListAppendTransaction.Outcome = .committed, client: Int? = nil,
  from: Int64? = nil, to: Int64? = nil
) -> ListAppendTransaction {
  ListAppendTransaction(
    process: client ?? number, operations: operations, outcome: outcome,
    invoked: .start + .seconds(from ?? Int64(number)),
    completed: outcome == .inDoubt ? nil : .start + .seconds(to ?? Int64(number) + 10))
}

private func anomalies(
  _ history: [ListAppendTransaction], final: [(list: Int, values: [Int])] = [],
  strictness: ListAppendChecker.Strictness = .none
) -> [Anomaly] {
  var checker = ListAppendChecker(promise: .serializable, strictness: strictness)
  for transaction in history { _ = checker.observe(.transaction(transaction), at: .start) }
  for reading in final {
    _ = checker.observe(.finalReading(list: reading.list, values: reading.values), at: .start)
  }
  return checker.anomalies(at: .start + .seconds(60))
}

@Suite struct `The list-append checker` {
  @Test func `finds nothing in an empty history or in one without conflicts`() {
    #expect(anomalies([]).isEmpty)
    let history = [
      transaction(0, [.append(list: 1, value: 1), .read(list: 1, values: [1])]),
      transaction(1, [.read(list: 1, values: []), .read(list: 2, values: [])]),
      transaction(2, [.read(list: 1, values: [1]), .append(list: 1, value: 2)]),
    ]
    #expect(anomalies(history, final: [(1, [1, 2]), (2, [])]).isEmpty)
  }

  @Test func `proves G0, a cycle of appends`() throws {
    let history = [
      transaction(0, [.append(list: 5, value: 1), .append(list: 6, value: 1)]),
      transaction(1, [.append(list: 5, value: 2), .append(list: 6, value: 2)]),
      transaction(2, [.read(list: 5, values: [1, 2]), .read(list: 6, values: [2, 1])]),
    ]
    let found = anomalies(history)
    #expect(found.map(\.kind) == [.writeCycle])
    #expect(
      found.first?.witness == """
        G0 (dirty write: a cycle of appends)
          T0 = append 1 to list 5; append 1 to list 6 (client 0, 0.000000s to 10.000000s, committed)
          T1 = append 2 to list 5; append 2 to list 6 (client 1, 1.000000s to 11.000000s, committed)
          T0 appended 1 to list 5, and T1 appended 2 after it, so T0 comes before T1.
          T1 appended 2 to list 6, and T0 appended 1 after it, so T1 comes before T0.
          Each would have to come before the other: no order of them explains this.
        """)
    #expect(found.first?.instant == .start + .seconds(11))
    #expect(found.first?.transactions == [0, 1])
  }

  @Test func `proves G1a, an aborted read`() {
    let history = [
      transaction(0, [.append(list: 1, value: 1)], .rolledBack),
      transaction(1, [.read(list: 1, values: [1])]),
    ]
    let found = anomalies(history)
    #expect(found.map(\.kind) == [.abortedRead])
    #expect(
      found.first?.witness == """
        G1a (aborted read)
          T0 = append 1 to list 1 (client 0, 0.000000s to 10.000000s, rolled back)
          T1 = read list 1: [1] (client 1, 1.000000s to 11.000000s, committed)
          T0 appended 1 to list 1 and was rolled back, yet T1 read [1].
        """)
  }

  @Test func `proves G1b, an intermediate read`() {
    let history = [
      transaction(0, [.append(list: 1, value: 1), .append(list: 1, value: 2)]),
      transaction(1, [.read(list: 1, values: [1])]),
      transaction(2, [.read(list: 1, values: [1, 2])]),
    ]
    let found = anomalies(history)
    // Having seen half of T0, T1 is also in a cycle with it: after its first append, before its
    // second.
    #expect(found.map(\.kind) == [.intermediateRead, .singleAntiDependency])
    #expect(
      found.first?.witness == """
        G1b (intermediate read)
          T0 = append 1 to list 1; append 2 to list 1 (client 0, 0.000000s to 10.000000s, committed)
          T1 = read list 1: [1] (client 1, 1.000000s to 11.000000s, committed)
          T1 read list 1 as [1], where 1 is not the last that T0 appended to it.
        """)
  }

  @Test func `proves G1c, a cycle of information`() {
    let history = [
      transaction(0, [.append(list: 1, value: 1), .read(list: 2, values: [1])]),
      transaction(1, [.append(list: 2, value: 1), .read(list: 1, values: [1])]),
    ]
    let found = anomalies(history)
    #expect(found.map(\.kind) == [.informationCycle])
    #expect(
      found.first?.witness == """
        G1c (a cycle of appends and readings of them)
          T0 = append 1 to list 1; read list 2: [1] (client 0, 0.000000s to 10.000000s, committed)
          T1 = append 1 to list 2; read list 1: [1] (client 1, 1.000000s to 11.000000s, committed)
          T0 appended 1 to list 1, which T1 read as [1], so T0 comes before T1.
          T1 appended 1 to list 2, which T0 read as [1], so T1 comes before T0.
          Each would have to come before the other: no order of them explains this.
        """)
  }

  @Test func `proves G-single, a read skew`() {
    let history = [
      transaction(0, [.read(list: 1, values: []), .read(list: 2, values: [1])]),
      transaction(1, [.append(list: 1, value: 1), .append(list: 2, value: 1)]),
      transaction(2, [.read(list: 1, values: [1])]),
    ]
    let found = anomalies(history)
    #expect(found.map(\.kind) == [.singleAntiDependency])
    #expect(
      found.first?.witness == """
        G-single (read skew: a cycle with one anti-dependency)
          T0 = read list 1: []; read list 2: [1] (client 0, 0.000000s to 10.000000s, committed)
          T1 = append 1 to list 1; append 1 to list 2 (client 1, 1.000000s to 11.000000s, committed)
          T0 read list 1 as [], without the 1 that T1 appended, so T0 comes before T1.
          T1 appended 1 to list 2, which T0 read as [1], so T1 comes before T0.
          Each would have to come before the other: no order of them explains this.
        """)
  }

  @Test func `proves a long fork, which snapshot isolation forbids as well`() {
    let history = [
      transaction(0, [.append(list: 1, value: 1)]),
      transaction(1, [.append(list: 2, value: 1)]),
      transaction(2, [.read(list: 1, values: [1]), .read(list: 2, values: [])]),
      transaction(3, [.read(list: 1, values: []), .read(list: 2, values: [1])]),
    ]
    let found = anomalies(history)
    #expect(found.map(\.kind) == [.nonadjacentAntiDependencies])
    #expect(
      found.first?.witness == """
        G-nonadjacent (long fork: a cycle of separate anti-dependencies)
          T0 = append 1 to list 1 (client 0, 0.000000s to 10.000000s, committed)
          T1 = append 1 to list 2 (client 1, 1.000000s to 11.000000s, committed)
          T2 = read list 1: [1]; read list 2: [] (client 2, 2.000000s to 12.000000s, committed)
          T3 = read list 1: []; read list 2: [1] (client 3, 3.000000s to 13.000000s, committed)
          T0 appended 1 to list 1, which T2 read as [1], so T0 comes before T2.
          T2 read list 2 as [], without the 1 that T1 appended, so T2 comes before T1.
          T1 appended 1 to list 2, which T3 read as [1], so T1 comes before T3.
          T3 read list 1 as [], without the 1 that T0 appended, so T3 comes before T0.
          Each would have to come before the other: no order of them explains this.
        """)
    #expect(Scenario.IsolationLevel.repeatableRead.forbids(.nonadjacentAntiDependencies))
  }

  @Test func `proves G2, a write skew, which snapshot isolation allows`() {
    let history = [
      transaction(0, [.read(list: 1, values: []), .append(list: 2, value: 1)]),
      transaction(1, [.read(list: 2, values: []), .append(list: 1, value: 1)]),
    ]
    let found = anomalies(history, final: [(1, [1]), (2, [1])])
    #expect(found.map(\.kind) == [.antiDependencyCycle])
    #expect(
      found.first?.witness == """
        G2-item (write skew: a cycle with adjacent anti-dependencies)
          T0 = read list 1: []; append 1 to list 2 (client 0, 0.000000s to 10.000000s, committed)
          T1 = read list 2: []; append 1 to list 1 (client 1, 1.000000s to 11.000000s, committed)
          T0 read list 1 as [], without the 1 that T1 appended, so T0 comes before T1.
          T1 read list 2 as [], without the 1 that T0 appended, so T1 comes before T0.
          Each would have to come before the other: no order of them explains this.
        """)
    #expect(!Scenario.IsolationLevel.repeatableRead.forbids(.antiDependencyCycle))
    #expect(Scenario.IsolationLevel.serializable.forbids(.antiDependencyCycle))
  }

  @Test func `proves a lost update`() {
    let history = [
      transaction(0, [.read(list: 1, values: []), .append(list: 1, value: 1)]),
      transaction(1, [.read(list: 1, values: []), .append(list: 1, value: 2)]),
    ]
    let found = anomalies(history, final: [(1, [1, 2])])
    #expect(found.map(\.kind) == [.lostUpdate, .singleAntiDependency])
    #expect(
      found.first?.witness == """
        lost update (two appends to the same reading)
          T0 = read list 1: []; append 1 to list 1 (client 0, 0.000000s to 10.000000s, committed)
          T1 = read list 1: []; append 2 to list 1 (client 1, 1.000000s to 11.000000s, committed)
          T0 and T1 both read list 1 as [] and both appended to it, so one of them did not see what it changed.
        """)
  }

  @Test func `proves an unrepeatable read`() {
    let history = [
      transaction(0, [.read(list: 1, values: []), .read(list: 1, values: [1])]),
      transaction(1, [.append(list: 1, value: 1)]),
    ]
    let found = anomalies(history)
    #expect(found.map(\.kind) == [.unrepeatableRead, .singleAntiDependency])
    #expect(
      found.first?.witness == """
        unrepeatable read (two readings in one transaction differ)
          T0 = read list 1: []; read list 1: [1] (client 0, 0.000000s to 10.000000s, committed)
          T0 read list 1 as [1], where after its reading before it had to be [].
        """)
    #expect(!Scenario.IsolationLevel.readCommitted.forbids(.unrepeatableRead))
  }

  @Test func `proves an internal inconsistency`() {
    let history = [
      transaction(
        0, [.append(list: 1, value: 7), .append(list: 1, value: 8), .read(list: 1, values: [7])])
    ]
    let found = anomalies(history)
    #expect(found.map(\.kind) == [.internalInconsistency])
    #expect(
      found.first?.witness == """
        internal inconsistency (a transaction does not see its own appends)
          T0 = append 7 to list 1; append 8 to list 1; read list 1: [7] (client 0, 0.000000s to 10.000000s, committed)
          T0 read list 1 as [7], which does not end with its own [7, 8].
        """)
  }

  @Test func `proves a read of the transaction's own future`() {
    let found = anomalies([
      transaction(0, [.read(list: 1, values: [7]), .append(list: 1, value: 7)])
    ])
    #expect(found.map(\.kind) == [.internalInconsistency])
    #expect(
      found.first?.witness.hasSuffix(
        "\n  T0 read list 1 as [7], with the 7 that it appended only afterwards.") == true)
  }

  @Test func `proves that two readings have incompatible orders`() {
    let history = [
      transaction(0, [.append(list: 1, value: 1)]),
      transaction(1, [.append(list: 1, value: 2)]),
      transaction(2, [.read(list: 1, values: [1, 2])]),
      transaction(3, [.read(list: 1, values: [2])]),
    ]
    let found = anomalies(history)
    #expect(found.map(\.kind) == [.incompatibleOrder])
    #expect(
      found.first?.witness == """
        incompatible order (two readings that no single order explains)
          T2 = read list 1: [1, 2] (client 2, 2.000000s to 12.000000s, committed)
          T3 = read list 1: [2] (client 3, 3.000000s to 13.000000s, committed)
          T3 read list 1 as [2], and T2 read it as [1, 2]: neither is the beginning of the other.
        """)
  }

  @Test func `proves duplicate and unknown elements`() {
    let history = [
      transaction(0, [.append(list: 1, value: 1)]),
      transaction(1, [.read(list: 1, values: [1, 9, 1])]),
    ]
    let found = anomalies(history)
    #expect(found.map(\.kind) == [.unknownElement, .duplicateElement])
    #expect(
      found.map(\.witness) == [
        """
        unknown element (a value that nobody appended)
          T1 = read list 1: [1, 9, 1] (client 1, 1.000000s to 11.000000s, committed)
          T1 read list 1 as [1, 9, 1], but nobody ever appended 9 to it.
        """,
        """
        duplicate element (one value twice in a list)
          T1 = read list 1: [1, 9, 1] (client 1, 1.000000s to 11.000000s, committed)
          T1 read list 1 as [1, 9, 1], where 1 stands twice.
        """,
      ])
  }

  @Test func `proves a lost append, but not of one in doubt`() {
    let history = [
      transaction(0, [.append(list: 1, value: 1)]),
      transaction(1, [.append(list: 1, value: 2)], .inDoubt),
      transaction(2, [.append(list: 1, value: 3)]),
    ]
    let found = anomalies(history, final: [(1, [1])])
    #expect(found.map(\.kind) == [.lostAppend])
    #expect(
      found.first?.witness == """
        lost append (an acknowledged append is missing)
          T2 = append 3 to list 1 (client 2, 2.000000s to 12.000000s, committed)
          The final reading, at 60.000000s
          T2 appended 3 to list 1 and was acknowledged at 12.000000s, but the final reading found [1].
        """)
    #expect(anomalies(history, final: [(1, [1, 2, 3])]).isEmpty)
  }

  @Test func `counts an append in doubt as committed once it was read`() {
    let history = [
      transaction(0, [.append(list: 1, value: 1), .append(list: 2, value: 1)], .inDoubt),
      transaction(1, [.read(list: 1, values: [1]), .read(list: 2, values: [])]),
      transaction(2, [.read(list: 2, values: [1])]),
    ]
    #expect(anomalies(history).map(\.kind) == [.singleAntiDependency])
  }

  @Test func `holds a stale read against a level only if it is to be strict`() {
    let history = [
      transaction(0, [.append(list: 1, value: 1)], client: 0, from: 0, to: 1),
      transaction(1, [.read(list: 1, values: [])], client: 0, from: 2, to: 3),
      transaction(2, [.read(list: 1, values: [1])], client: 1, from: 4, to: 5),
    ]
    #expect(anomalies(history).isEmpty)
    let found = anomalies(history, strictness: .realTime)
    #expect(found.map(\.kind) == [.singleAntiDependency])
    #expect(
      found.first?.witness == """
        G-single (read skew: a cycle with one anti-dependency)
          T0 = append 1 to list 1 (client 0, 0.000000s to 1.000000s, committed)
          T1 = read list 1: [] (client 0, 2.000000s to 3.000000s, committed)
          T0 was over before T1 began, so T0 comes before T1.
          T1 read list 1 as [], without the 1 that T0 appended, so T1 comes before T0.
          Each would have to come before the other: no order of them explains this.
        """)
    #expect(
      anomalies(history, strictness: .session).first?.witness.contains(
        "T0 and T1 are of one client in this order, so T0 comes before T1.") == true)
  }

  @Test func `gives violations only for what the promise forbids`() {
    for (promise, expected) in [
      (Scenario.IsolationLevel.readCommitted, 0), (.repeatableRead, 2), (.serializable, 2),
    ] {
      var checker = ListAppendChecker(promise: promise)
      for history in [
        transaction(0, [.read(list: 1, values: []), .append(list: 1, value: 1)]),
        transaction(1, [.read(list: 1, values: []), .append(list: 1, value: 2)]),
      ] { _ = checker.observe(.transaction(history), at: .start) }
      _ = checker.observe(.finalReading(list: 1, values: [1, 2]), at: .start)
      let violations = checker.finish(at: .start + .seconds(60))
      #expect(violations.count == expected)
      #expect(violations.allSatisfy { $0.invariant == .isolation })
    }
  }

  @Test func `lists a few of a kind and counts the rest`() {
    let aborted = (0..<10).map { number in
      transaction(number, [.append(list: number, value: 1)], .rolledBack)
    }
    let reads = (0..<10).map { number in
      transaction(10 + number, [.read(list: number, values: [1])])
    }
    let found = anomalies(aborted + reads)
    #expect(found.count == 4)
    #expect(found.last?.witness.hasSuffix("\n  (and 6 more of this kind)") == true)
  }
}
