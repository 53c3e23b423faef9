import Scenarios
import Simulation
import Testing

/// A database that runs one transaction at a time, which nobody can fault.
private struct SerialDatabase {
  private(set) var lists: [[Int]]

  init(lists: Int) { self.lists = Array(repeating: [], count: lists) }

  /// A history of random transactions, one after the other; some are rolled back and some remain in
  /// doubt, committed or not.
  static func history(
    seed: UInt64, transactions: Int, lists: Int
  ) -> (history: [ListAppendTransaction], final: [[Int]]) {
    let random = RandomStream(seed: seed)
    var database = SerialDatabase(lists: lists)
    var history: [ListAppendTransaction] = []
    var nextValue = 1
    for number in 0..<transactions {
      var working = database.lists
      var operations: [ListAppendTransaction.Operation] = []
      for _ in 0...random.index(below: 4) {
        let list = random.index(below: lists)
        if random.chance(0.5) {
          working[list].append(nextValue)
          operations.append(.append(list: list, value: nextValue))
          nextValue += 1
        } else {
          operations.append(.read(list: list, values: working[list]))
        }
      }
      let fate = random.index(below: 20)
      let outcome: ListAppendTransaction.Outcome =
        fate == 0 ? .rolledBack : fate < 3 ? .inDoubt : .committed
      if fate != 0 && fate != 1 { database.lists = working }
      let invoked = Instant.start + .milliseconds(Int64(number) * 10)
      history.append(
        ListAppendTransaction(
          process: number % 7, operations: operations, outcome: outcome, invoked: invoked,
          completed: outcome == .inDoubt ? nil : invoked + .milliseconds(5)))
    }
    return (history, database.lists)
  }
}

private func kinds(
  _ history: [ListAppendTransaction], _ final: [[Int]],
  strictness: ListAppendChecker.Strictness = .realTime
) -> [Anomaly.Kind] {
  var checker = ListAppendChecker(promise: .serializable, strictness: strictness)
  for transaction in history { _ = checker.observe(.transaction(transaction), at: .start) }
  for (list, values) in final.enumerated() {
    _ = checker.observe(.finalReading(list: list, values: values), at: .start)
  }
  return checker.anomalies(at: .start + .seconds(3_600)).map(\.kind)
}

/// All orders of the numbers below a small count.
private struct Permutations: Sequence {
  private let all: [[Int]]

  init(of count: Int) {
    var all: [[Int]] = [[]]
    for number in 0..<count {
      all = all.flatMap { order in
        (0...order.count).map { place in
          Array(order[..<place]) + [number] + Array(order[place...])
        }
      }
    }
    self.all = all
  }

  func makeIterator() -> IndexingIterator<[[Int]]> { all.makeIterator() }
}

@Suite struct `The list-append checker, over random histories` {
  @Test(arguments: 0..<100 as Range<UInt64>)
  func `finds nothing in a serial execution, however strict`(seed: UInt64) {
    let (history, final) = SerialDatabase.history(seed: seed, transactions: 120, lists: 5)
    #expect(kinds(history, final) == [])
  }

  /// The order in which the transactions are handed over means nothing.
  @Test(arguments: 0..<20 as Range<UInt64>)
  func `finds nothing in a serial execution told in another order`(seed: UInt64) {
    var (history, final) = SerialDatabase.history(seed: seed, transactions: 120, lists: 5)
    RandomStream(seed: seed).fork("order").shuffle(&history)
    #expect(kinds(history, final, strictness: .none) == [])
    #expect(kinds(history, final) == [])
  }

  /// A planted defect: an acknowledged append disappears from every reading.
  @Test(arguments: 0..<50 as Range<UInt64>)
  func `finds an acknowledged append that was dropped`(seed: UInt64) throws {
    var (history, final) = SerialDatabase.history(seed: seed, transactions: 120, lists: 5)
    let random = RandomStream(seed: seed).fork("defect")
    let appended = history.filter { $0.outcome == .committed }.flatMap(\.appends)
    let victim = appended[random.index(below: appended.count)]
    for number in history.indices {
      history[number].operations = history[number].operations.map { operation in
        guard case .read(victim.list, let values) = operation else { return operation }
        return .read(list: victim.list, values: values.filter { $0 != victim.value })
      }
    }
    final[victim.list].removeAll { $0 == victim.value }
    #expect(kinds(history, final).contains(.lostAppend))
  }

  /// A planted defect: two transactions are given each other's reading of a list.
  @Test(arguments: 0..<50 as Range<UInt64>)
  func `finds two readings that were swapped`(seed: UInt64) throws {
    var (history, final) = SerialDatabase.history(seed: seed, transactions: 120, lists: 5)
    let random = RandomStream(seed: seed).fork("defect")
    var places: [(number: Int, index: Int, list: Int, values: [Int])] = []
    for (number, transaction) in history.enumerated() where transaction.outcome == .committed {
      for (index, operation) in transaction.operations.enumerated() {
        if case .read(let list, let values) = operation {
          places.append((number, index, list, values))
        }
      }
    }
    var pairs: [(Int, Int)] = []
    for one in places.indices {
      for two in places.indices
      where one < two && places[one].list == places[two].list
        && places[one].number != places[two].number && places[one].values != places[two].values
      {
        pairs.append((one, two))
      }
    }
    let (one, two) = pairs[random.index(below: pairs.count)]
    let (a, b) = (places[one], places[two])
    history[a.number].operations[a.index] = .read(list: a.list, values: b.values)
    history[b.number].operations[b.index] = .read(list: b.list, values: a.values)
    #expect(!kinds(history, final).isEmpty)
  }

  /// A planted defect: one commit turns out to have been a rollback.
  @Test(arguments: 0..<50 as Range<UInt64>)
  func `finds what a rolled-back transaction left behind`(seed: UInt64) throws {
    var (history, final) = SerialDatabase.history(seed: seed, transactions: 120, lists: 5)
    let random = RandomStream(seed: seed).fork("defect")
    let writers = history.indices.filter {
      history[$0].outcome == .committed && !history[$0].appends.isEmpty
    }
    history[writers[random.index(below: writers.count)]].outcome = .rolledBack
    #expect(kinds(history, final).contains(.abortedRead))
  }

  /// Histories in which each transaction reads a snapshot a few transactions old and its appends
  /// are refused if somebody else changed the list meanwhile: snapshot isolation as a slow model.
  @Test(arguments: 0..<100 as Range<UInt64>)
  func `finds nothing in snapshot isolation that it forbids`(seed: UInt64) {
    let random = RandomStream(seed: seed)
    var versions: [[[Int]]] = [Array(repeating: [], count: 4)]
    var history: [ListAppendTransaction] = []
    var nextValue = 1
    for number in 0..<150 {
      let age = min(random.index(below: 6), versions.count - 1)
      let snapshot = versions[versions.count - 1 - age]
      var working = snapshot
      var operations: [ListAppendTransaction.Operation] = []
      for _ in 0..<3 {
        let list = random.index(below: 4)
        if random.chance(0.4) {
          working[list].append(nextValue)
          operations.append(.append(list: list, value: nextValue))
          nextValue += 1
        } else {
          operations.append(.read(list: list, values: working[list]))
        }
      }
      var current = versions[versions.count - 1]
      var isRefused = false
      for list in 0..<4 where working[list] != snapshot[list] {
        if current[list] != snapshot[list] { isRefused = true }
        current[list] = working[list]
      }
      if !isRefused { versions.append(current) }
      history.append(
        ListAppendTransaction(
          process: number % 7, operations: operations,
          outcome: isRefused ? .rolledBack : .committed, invoked: .start,
          completed: .start + .seconds(Int64(number))))
    }
    let found = kinds(history, versions[versions.count - 1], strictness: .none)
    #expect(found.filter(Scenario.IsolationLevel.repeatableRead.forbids) == [])
  }

  /// Against an oracle that tries all orders: a short history that was bent a little is blamed if
  /// and only if no order of its transactions explains it.
  @Test(arguments: 0..<300 as Range<UInt64>)
  func `blames exactly the histories that no order explains`(seed: UInt64) {
    var (history, final) = SerialDatabase.history(seed: seed, transactions: 5, lists: 2)
    let random = RandomStream(seed: seed).fork("defect")
    for number in history.indices {
      history[number].outcome = .committed
      history[number].completed = history[number].invoked + .milliseconds(5)
    }
    final = history.reduce(into: [[], []]) { lists, transaction in
      for append in transaction.appends { lists[append.list].append(append.value) }
    }
    for number in history.indices {
      history[number].operations = history[number].operations.map { operation in
        guard case .read(let list, _) = operation else { return operation }
        return .read(
          list: list, values: Array(final[list].prefix(random.index(below: final[list].count + 1))))
      }
    }
    let isExplained = Permutations(of: history.count).contains { order in
      var lists: [[Int]] = [[], []]
      for number in order {
        for operation in history[number].operations {
          switch operation {
          case .append(let list, let value): lists[list].append(value)
          case .read(let list, let values): if lists[list] != values { return false }
          }
        }
      }
      return lists == final
    }
    #expect(
      kinds(history, final, strictness: .none).isEmpty == isExplained,
      "\(history.map(\.operations))")
  }

  /// Longer than any stack would bear by recursion, and with a cycle through all of it.
  @Test func `bears a cycle through every transaction`() {
    let length = 2_000
    let history = (0..<length).map { number in
      ListAppendTransaction(
        process: number,
        operations: [
          .append(list: number, value: 1), .read(list: (number + length - 1) % length, values: [1]),
        ], outcome: .committed, invoked: .start, completed: .start + .seconds(1))
    }
    #expect(kinds(history, [], strictness: .none) == [.informationCycle])
  }
}

extension ListAppendTransaction {
  fileprivate var appends: [(list: Int, value: Int)] {
    operations.compactMap {
      if case .append(let list, let value) = $0 { (list, value) } else { nil }
    }
  }
}
