import Simulation
import Statistics

/// Transactions that append numbers to lists and read lists: what isolation checkers like best.
///
/// Every number is appended to a list once, so that a list shows the order of its writers. A list that
/// has grown long enough is retired for a new one.
///
/// Source: Kingsbury and Alvaro, "Elle", PVLDB 14(3), 2020.
final class ListAppendScript: TransactionScript {
  private var lists: [List]
  private var nextList: Int
  private(set) var history: [ListAppendTransaction] = []
  /// The final state of every list, once it has been read.
  private var finalReads: [(list: Int, values: [Int])] = []
  private var writers = LookupTable<Append, TransactionToken>()

  /// Appends per list, so that a row stays far below a page.
  private static let longestList = 200

  /// Lists that one statement reads, beyond the first: a few, as several statements would.
  private static let widestRange = 4

  private struct List {
    let number: Int
    var nextValue = 1
  }

  private struct Append: Hashable, Comparable {
    let list: Int
    let value: Int
    static func < (lhs: Self, rhs: Self) -> Bool {
      (lhs.list, lhs.value) < (rhs.list, rhs.value)
    }
  }

  init(keys: Int) {
    lists = (1...keys).map { List(number: $0) }
    nextList = keys + 1
  }

  func load(through console: DatabaseConnection) async throws {
    _ = try await console.query("CREATE TABLE lists(k int PRIMARY KEY, v text NOT NULL)")
  }

  func run(_ attempt: TransactionAttempt, on connection: DatabaseConnection) async throws {
    guard let mix = attempt.mix.kind as? ListAppendMix else {
      preconditionFailure("a list-append script runs list-append transactions")
    }
    let random = attempt.random
    let length = mix.operations.lowerBound + random.index(below: mix.operations.count)
    attempt.writes = false
    try await connection.begin(attempt.begin)
    for _ in 0..<length {
      let isRead = random.chance(mix.reads.fraction)
      let place = random.index(below: lists.count)
      if isRead, random.chance(mix.ranges.fraction) {
        let width = random.index(below: Self.widestRange)
        try await readRange(from: lists[place].number, width, attempt, on: connection)
      } else if isRead {
        try await read(lists[place].number, attempt, on: connection)
      } else {
        try await append(at: place, attempt, on: connection)
      }
    }
    try await connection.commit()
  }

  private func read(
    _ list: Int, _ attempt: TransactionAttempt, on connection: DatabaseConnection
  ) async throws {
    let answer = try await connection.execute("SELECT v FROM lists WHERE k = $1", Int64(list))
    let text = answer.rows.isEmpty ? nil : answer.text(row: 0, column: 0)
    attempt.operations.append(.read(list: list, values: Self.values(text ?? "")))
  }

  /// Reads some lists by one statement. Of a list that it does not find, it has seen that nobody had begun it.
  private func readRange(
    from first: Int, _ width: Int, _ attempt: TransactionAttempt,
    on connection: DatabaseConnection
  ) async throws {
    let last = min(first + width, nextList - 1)
    let answer = try await connection.execute(
      "SELECT k, v FROM lists WHERE k BETWEEN $1 AND $2 ORDER BY k", Int64(first), Int64(last))
    var found = LookupTable<Int, [Int]>()
    for row in answer.rows.indices {
      guard let list = answer.integer(row: row, column: 0),
        let text = answer.text(row: row, column: 1)
      else { continue }
      found[Int(list)] = Self.values(text)
    }
    for list in first...last {
      attempt.operations.append(.read(list: list, values: found[list] ?? []))
    }
  }

  private func append(
    at place: Int, _ attempt: TransactionAttempt, on connection: DatabaseConnection
  ) async throws {
    let list = lists[place].number
    let value = lists[place].nextValue
    lists[place].nextValue += 1
    if value == Self.longestList {
      lists[place] = List(number: nextList)
      nextList += 1
    }
    attempt.writes = true
    // It may have happened from now on, whatever becomes of the answer.
    attempt.operations.append(.append(list: list, value: value))
    writers[Append(list: list, value: value)] = attempt.token
    _ = try await connection.execute(
      """
      INSERT INTO lists(k, v) VALUES ($1, $2) \
      ON CONFLICT (k) DO UPDATE SET v = lists.v || ',' || excluded.v
      """, Int64(list), Int64(value))
  }

  func ended(_ attempt: TransactionAttempt, _ outcome: TransactionOutcome, at instant: Instant) {
    let recorded: ListAppendTransaction.Outcome =
      switch outcome {
      case .committed: .committed
      case .rolledBack: .rolledBack
      case .inDoubt: .inDoubt
      }
    history.append(
      ListAppendTransaction(
        process: attempt.token.client, operations: attempt.operations, outcome: recorded,
        invoked: attempt.invoked, completed: outcome == .inDoubt ? nil : instant))
  }

  func survivors(through console: DatabaseConnection) async throws -> [TransactionToken] {
    let answer = try await console.query("SELECT k, v FROM lists ORDER BY k")
    var survivors: [TransactionToken] = []
    finalReads = []
    for row in answer.rows.indices {
      guard let list = answer.integer(row: row, column: 0),
        let text = answer.text(row: row, column: 1)
      else { continue }
      let values = Self.values(text)
      finalReads.append((Int(list), values))
      for value in values {
        if let token = writers[Append(list: Int(list), value: value)] { survivors.append(token) }
      }
    }
    return survivors
  }

  /// Judges at the strongest level that the scenario claims or that all of these workloads run at; each
  /// violation tells which level it breaks.
  func judgements(of state: EndState) -> [Judgement] {
    let own =
      state.workloads.map(\.workload).filter { $0.mix.name == ListAppendMix.name }
      .map(\.isolation.level).min() ?? .readCommitted
    let claimed = state.world.scenario.claims.always.compactMap(\.level).max() ?? own
    var checker = ListAppendChecker(promise: max(own, claimed))
    for var transaction in history {
      // Of a commit that came while the lists were being read, nobody can say whether it should be there.
      if transaction.outcome == .committed, let completed = transaction.completed,
        completed >= state.reading?.start ?? .distantFuture
      {
        (transaction.outcome, transaction.completed) = (.inDoubt, nil)
      }
      transaction.invoked = state.scenarioTime(transaction.invoked)
      transaction.completed = transaction.completed.map(state.scenarioTime)
      _ = checker.observe(
        .transaction(transaction), at: transaction.completed ?? transaction.invoked)
    }
    let committed = history.count { $0.outcome == .committed }
    for (list, values) in finalReads {
      _ = checker.observe(.finalReading(list: list, values: values), at: state.now)
    }
    return [
      Judgement(
        .isolation, violations: checker.finish(at: state.now),
        wasJudged: state.reading != nil && committed > 0,
        evidence: state.reading == nil
          ? "the lists could not be read at the end"
          : "\(FixedPoint.grouped(committed)) committed list-append transactions, run at "
            + own.rawValue)
    ]
  }

  private static func values(_ text: String) -> [Int] {
    text.split(separator: ",").compactMap { Int($0) }
  }
}
