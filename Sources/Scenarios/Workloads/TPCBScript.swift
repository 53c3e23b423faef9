import OrderedCollections
import Simulation
import Statistics

/// pgbench's built-in script "TPC-B (sort of)", as written.
///
/// The script leaves no name of a transaction behind. What it left is known by the row in the history:
/// teller, branch, account and delta; of several transactions with the same four, those that were
/// acknowledged are taken to be the ones found.
final class TPCBScript: TransactionScript {
  private let scale: Int
  private let accountsPerBranch: Int
  private var written = LookupTable<HistoryRow, [(token: TransactionToken, isAcknowledged: Bool)]>()

  /// What each branch came to at the end; `nil` if that could not be read.
  private var balances: [BalanceChecker.Observation]?
  private var attemptCount = 0

  private static let tellersPerBranch = 10

  private struct HistoryRow: Hashable, Comparable {
    let teller: Int64
    let branch: Int64
    let account: Int64
    let delta: Int64

    static func < (lhs: Self, rhs: Self) -> Bool {
      (lhs.teller, lhs.branch, lhs.account, lhs.delta)
        < (rhs.teller, rhs.branch, rhs.account, rhs.delta)
    }
  }

  init(scale: Int, accountsPerBranch: Int) {
    (self.scale, self.accountsPerBranch) = (scale, accountsPerBranch)
  }

  func load(through console: DatabaseConnection) async throws {
    _ = try await console.query(
      """
      CREATE TABLE pgbench_branches(bid int NOT NULL PRIMARY KEY, bbalance int, filler char(88));
      CREATE TABLE pgbench_tellers(
        tid int NOT NULL PRIMARY KEY, bid int, tbalance int, filler char(84));
      CREATE TABLE pgbench_accounts(
        aid int NOT NULL PRIMARY KEY, bid int, abalance int, filler char(84));
      CREATE TABLE pgbench_history(
        tid int, bid int, aid int, delta int, mtime timestamp, filler char(22));
      """)
    try await console.insert(into: "pgbench_branches(bid, bbalance)", count: scale) {
      "(\($0 + 1), 0)"
    }
    try await console.insert(
      into: "pgbench_tellers(tid, bid, tbalance)", count: scale * Self.tellersPerBranch
    ) { "(\($0 + 1), \($0 / Self.tellersPerBranch + 1), 0)" }
    try await console.insert(
      into: "pgbench_accounts(aid, bid, abalance, filler)", count: scale * accountsPerBranch
    ) { "(\($0 + 1), \($0 / self.accountsPerBranch + 1), 0, '')" }
  }

  func run(_ attempt: TransactionAttempt, on connection: DatabaseConnection) async throws {
    let random = attempt.random
    let account = Int64(random.index(below: scale * accountsPerBranch) + 1)
    let branch = Int64(random.index(below: scale) + 1)
    let teller = Int64(random.index(below: scale * Self.tellersPerBranch) + 1)
    let delta = Int64(random.index(below: 10_001)) - 5_000
    let row = HistoryRow(teller: teller, branch: branch, account: account, delta: delta)
    written[row, default: []].append((attempt.token, false))
    attemptCount += 1
    try await connection.begin(attempt.begin)
    _ = try await connection.execute(
      "UPDATE pgbench_accounts SET abalance = abalance + $1 WHERE aid = $2", delta, account)
    _ = try await connection.execute(
      "SELECT abalance FROM pgbench_accounts WHERE aid = $1", account)
    _ = try await connection.execute(
      "UPDATE pgbench_tellers SET tbalance = tbalance + $1 WHERE tid = $2", delta, teller)
    _ = try await connection.execute(
      "UPDATE pgbench_branches SET bbalance = bbalance + $1 WHERE bid = $2", delta, branch)
    _ = try await connection.execute(
      """
      INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) \
      VALUES ($1, $2, $3, $4, CURRENT_TIMESTAMP)
      """, teller, branch, account, delta)
    try await connection.commit("END")
    if let index = written[row]?.firstIndex(where: { $0.token == attempt.token }) {
      written[row]?[index].isAcknowledged = true
    }
  }

  func ended(_ attempt: TransactionAttempt, _ outcome: TransactionOutcome, at instant: Instant) {}

  func survivors(through console: DatabaseConnection) async throws -> [TransactionToken] {
    balances = nil
    balances = try await readBalances(through: console)
    let history = try await console.query("SELECT tid, bid, aid, delta FROM pgbench_history")
    var written = written
    var survivors: [TransactionToken] = []
    for index in history.rows.indices {
      guard let teller = history.integer(row: index, column: 0),
        let branch = history.integer(row: index, column: 1),
        let account = history.integer(row: index, column: 2),
        let delta = history.integer(row: index, column: 3)
      else { continue }
      let row = HistoryRow(teller: teller, branch: branch, account: account, delta: delta)
      guard var candidates = written[row], !candidates.isEmpty else { continue }
      let found = candidates.firstIndex { $0.isAcknowledged } ?? 0
      survivors.append(candidates.remove(at: found).token)
      written[row] = candidates
    }
    return survivors
  }

  /// Every balance that is not zero, and every one that has a history.
  private func readBalances(
    through console: DatabaseConnection
  ) async throws -> [BalanceChecker.Observation] {
    func numbers(_ query: String) async throws -> OrderedDictionary<Int64, Int64> {
      let answer = try await console.query(query)
      var numbers = OrderedDictionary<Int64, Int64>()
      for row in answer.rows.indices {
        guard let id = answer.integer(row: row, column: 0) else { continue }
        numbers[id] = answer.integer(row: row, column: 1)
      }
      return numbers
    }
    let tables = [
      ("branch", "SELECT bid, bbalance FROM pgbench_branches WHERE bbalance <> 0", "bid"),
      ("teller", "SELECT tid, tbalance FROM pgbench_tellers WHERE tbalance <> 0", "tid"),
      ("account", "SELECT aid, abalance FROM pgbench_accounts WHERE abalance <> 0", "aid"),
    ]
    var balances: [BalanceChecker.Observation] = []
    for (name, query, column) in tables {
      var left = try await numbers(query)
      let history = try await numbers(
        "SELECT \(column), sum(delta) FROM pgbench_history GROUP BY \(column)")
      for (id, sum) in history {
        balances.append(.balance(table: name, id: id, balance: left[id] ?? 0, history: sum))
        left.removeValue(forKey: id)
      }
      for (id, balance) in left {
        balances.append(.balance(table: name, id: id, balance: balance, history: 0))
      }
    }
    return balances
  }

  func judgements(of state: EndState) -> [Judgement] {
    var checker = BalanceChecker()
    let violations = (balances ?? []).compactMap { checker.observe($0, at: state.now) }
    return [
      Judgement(
        .tpcbSumsAgree, violations: violations, wasJudged: balances != nil && attemptCount > 0,
        evidence: balances == nil
          ? "the balances could not be read at the end"
          : attemptCount == 0
            ? "no transaction was tried"
            : "\(Measurement.count(checker.balanceCount, "balance")) held against the history, after"
              + " \(FixedPoint.grouped(attemptCount)) attempts")
    ]
  }
}
