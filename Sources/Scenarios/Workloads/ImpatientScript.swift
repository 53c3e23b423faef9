import Simulation
import Statistics
import Wire

/// Transactions that break off, wait in vain or get in each other's way on purpose.
///
/// Each works on rows of its own, which it has put in before: two parts with 0, and a third that may come. Where it takes
/// two to get in each other's way, it opens a second session with the same server. So nobody else is in the way, and
/// it is known how every statement must end.
final class ImpatientScript: TransactionScript {
  private var seen: [(instant: Instant, what: AnswerChecker.Observation)] = []
  /// How the rows of each transaction may look, and since when.
  private var states: [(token: TransactionToken, allowed: [[Int64]], since: Instant)] = []
  private var left: [(token: TransactionToken, found: [Int64])] = []
  private var isRead = false

  /// What clients meet when they have a lock timeout, or cancel what they wait for.
  let expectedErrors = [
    ExpectedError(sqlState: "55P03", subject: "lock timeout"),
    ExpectedError(sqlState: "57014", subject: "statement timeout"),
    ExpectedError(sqlState: "57014", subject: "user request"),
  ]

  /// Two rows that are not there yet.
  private static let nothing: [Int64] = [-1, -1, -1]
  private static let fresh: [Int64] = [0, 0, -1]
  /// The deadlock timeout, and as much again.
  private static let circleDeadline = Interval.seconds(2)
  /// Errors that a script may have asked for; with any other, the transaction is over.
  private static let answers = [
    "22012", "23505", "25P02", "40001", "40P01", "42P01", "55P03", "57014",
  ]

  func load(through console: DatabaseConnection) async throws {
    _ = try await console.query(
      """
      CREATE TABLE impatient_rows(
        client int, sequence int, part int, n bigint NOT NULL, PRIMARY KEY (client, sequence, part));
      CREATE TABLE impatient_log(client int, sequence int, PRIMARY KEY (client, sequence));
      """)
  }

  private enum Action: CaseIterable {
    case goOn, lockTimeout, statementTimeout, cancel, circle, leave, sameKey
  }

  func run(_ attempt: TransactionAttempt, on connection: DatabaseConnection) async throws {
    let random = attempt.random
    let action = Action.allCases[random.index(below: Action.allCases.count)]
    let mistake = random.index(below: 3)
    let isKept = random.chance(0.5)
    let pause = random.interval(in: .milliseconds(20)...Interval.milliseconds(300))
    let work = Work(attempt.token, connection, number: states.count)
    attempt.writes = false
    states.append((attempt.token, [Self.nothing, Self.fresh], connection.now))
    _ = try await connection.execute(
      "INSERT INTO impatient_rows(client, sequence, part, n) VALUES ($1, $2, 1, 0), ($1, $2, 2, 0)",
      work.client, work.sequence)
    allow([Self.fresh], work)
    if action == .goOn {
      try await goOn(after: mistake, work)
    } else {
      let other = try await connection.another()
      defer { other.close() }
      switch action {
      case .goOn: break
      case .lockTimeout, .statementTimeout, .cancel:
        try await wait(action, pause, isKept, work, behind: other)
      case .circle: try await circle(work, with: other, attempt)
      case .leave: try await leave(pause, work, other, attempt)
      case .sameKey: try await sameKey(pause, isKept, work, other, attempt)
      }
    }
    let found = try await rows(of: attempt.token, on: connection)
    note(.rows(of: attempt.token, found: found, allowed: states[work.number].allowed), work)
  }

  // MARK: What it does

  /// A transaction, its session, and its place among ``states``.
  private struct Work {
    let token: TransactionToken
    let connection: DatabaseConnection
    let number: Int

    init(_ token: TransactionToken, _ connection: DatabaseConnection, number: Int) {
      (self.token, self.connection, self.number) = (token, connection, number)
    }

    var client: Int64 { Int64(token.client) }
    var sequence: Int64 { Int64(token.sequence) }
  }

  private static func begin(_ connection: DatabaseConnection) async throws {
    try await connection.begin("BEGIN ISOLATION LEVEL READ COMMITTED")
  }

  private func write(
    _ value: Int64, to part: Int64, _ work: Work, on connection: DatabaseConnection
  ) async throws {
    _ = try await connection.execute(
      "UPDATE impatient_rows SET n = $4 WHERE client = $1 AND sequence = $2 AND part = $3",
      work.client, work.sequence, part, value)
  }

  private func insert(
    _ value: Int64, as part: Int64, _ work: Work, on connection: DatabaseConnection
  ) async throws {
    _ = try await connection.execute(
      "INSERT INTO impatient_rows(client, sequence, part, n) VALUES ($1, $2, $3, $4)", work.client,
      work.sequence, part, value)
  }

  /// Goes on after an error as if it had not been told of it.
  private func goOn(after mistake: Int, _ work: Work) async throws {
    let connection = work.connection
    try await Self.begin(connection)
    try await write(1, to: 1, work, on: connection)
    let error = try await answer {
      switch mistake {
      case 0: _ = try await connection.query("SELECT 1 / 0")
      case 1: try await insert(5, as: 2, work, on: connection)
      default: _ = try await connection.query("SELECT 1 FROM impatient_nothing")
      }
    }
    note(
      "made a mistake", [["22012"], ["23505"], ["42P01"]][mistake], error, work)
    let write = try await answer { try await self.write(2, to: 2, work, on: connection) }
    note("wrote in a failed block", ["25P02"], write, work)
    let read = try await answer { _ = try await connection.query("SELECT 1") }
    note("read in a failed block", ["25P02"], read, work)
    // If the block has not failed, this may do something.
    let tag = try await connection.query("COMMIT").tag
    note("committed a failed block", ["ROLLBACK"], tag, work)
  }

  /// Waits for a row that another transaction keeps, and gives up.
  private func wait(
    _ action: Action, _ pause: Interval, _ isKept: Bool, _ work: Work,
    behind other: DatabaseConnection
  ) async throws {
    let connection = work.connection
    try await Self.begin(other)
    try await write(2, to: 1, work, on: other)
    try await Self.begin(connection)
    try await write(1, to: 2, work, on: connection)
    switch action {
    case .lockTimeout: _ = try await connection.query("SET LOCAL lock_timeout = '200ms'")
    case .statementTimeout: _ = try await connection.query("SET LOCAL statement_timeout = '200ms'")
    default: break
    }
    let (given, _) = try await connection.together {
      try await self.answer { try await self.write(1, to: 1, work, on: connection) }
    } and: {
      if action == .cancel {
        try await other.pause(for: pause)
        try await connection.cancelStatement()
      }
      return ""
    }
    note(
      "waited for a row, and not for long", [action == .lockTimeout ? "55P03" : "57014"], given,
      work)
    // Its locks are free, and what it has written is gone.
    _ = try await other.query("SET LOCAL lock_timeout = '1500ms'")
    let next = try await answer { try await self.write(2, to: 2, work, on: other) }
    note("gave up, and who wanted its row asked for it", ["done"], next, work)
    let tag = try await connection.query("ROLLBACK").tag
    note("rolled back", ["ROLLBACK"], tag, work)
    if isKept, next == "done" {
      try await commit([2, 2, -1], work, on: other)
    } else {
      try await other.rollBack()
    }
  }

  /// Two take two rows in opposite order.
  private func circle(
    _ work: Work, with other: DatabaseConnection, _ attempt: TransactionAttempt
  ) async throws {
    let connection = work.connection
    try await Self.begin(connection)
    try await Self.begin(other)
    try await write(1, to: 1, work, on: connection)
    try await write(2, to: 2, work, on: other)
    let start = connection.now
    let (own, others) = try await connection.together {
      try await self.answer { try await self.write(1, to: 2, work, on: connection) }
    } and: {
      try await self.answer { try await self.write(2, to: 1, work, on: other) }
    }
    let waited = connection.now - start
    note(.circle(by: work.token, answers: [own, others], waited: waited), work)
    if own == "done" {
      try await other.rollBack()
      try await commit([1, 1, -1], work, attempt)
    } else {
      try await connection.rollBack()
      if others == "done" { try await commit([2, 2, -1], work, on: other) }
    }
  }

  /// Who has a row locked is gone without a word.
  private func leave(
    _ pause: Interval, _ work: Work, _ other: DatabaseConnection, _ attempt: TransactionAttempt
  ) async throws {
    let connection = work.connection
    try await Self.begin(other)
    try await write(2, to: 1, work, on: other)
    try await write(2, to: 2, work, on: other)
    other.abandon()
    try await connection.pause(for: pause)
    try await Self.begin(connection)
    _ = try await connection.query("SET LOCAL lock_timeout = '1500ms'")
    var value: Int64?
    let given = try await answer {
      value = try await connection.execute(
        """
        UPDATE impatient_rows SET n = n + 1 WHERE client = $1 AND sequence = $2 AND part = 1 \
        RETURNING n
        """, work.client, work.sequence
      ).integer(row: 0, column: 0)
    }
    note(.inherited(by: work.token, isGiven: given == "done"), work)
    guard given == "done" else { return try await connection.rollBack() }
    note(
      "added 1 to 0, which another had changed and left", ["1"], value.map { "\($0)" } ?? "nothing",
      work)
    try await commit([1, 0, -1], work, attempt)
  }

  /// Two insert the same key, and the first of them thinks better of it, or does not.
  private func sameKey(
    _ pause: Interval, _ isKept: Bool, _ work: Work, _ other: DatabaseConnection,
    _ attempt: TransactionAttempt
  ) async throws {
    let connection = work.connection
    try await Self.begin(other)
    try await insert(2, as: 3, work, on: other)
    try await Self.begin(connection)
    let (own, _) = try await connection.together {
      try await self.answer { try await self.insert(1, as: 3, work, on: connection) }
    } and: {
      try await other.pause(for: pause)
      if isKept {
        try await self.commit([0, 0, 2], work, on: other)
      } else {
        try await other.rollBack()
      }
      return ""
    }
    note("inserted a key that another had inserted", [isKept ? "23505" : "done"], own, work)
    if own == "done" {
      try await commit([0, 0, 1], work, attempt)
    } else {
      try await connection.rollBack()
    }
  }

  // MARK: Answers and ends

  /// How a statement was answered.
  ///
  /// - Throws: what no script asks for.
  private func answer(_ statement: () async throws -> Void) async throws -> String {
    do {
      try await statement()
      return "done"
    } catch let error as ErrorFields where Self.answers.contains(error.sqlState) {
      return error.sqlState
    }
  }

  private func commit(
    _ state: [Int64], _ work: Work, _ attempt: TransactionAttempt
  ) async throws {
    attempt.writes = true
    _ = try await work.connection.execute(
      "INSERT INTO impatient_log(client, sequence) VALUES ($1, $2)", work.client, work.sequence)
    try await commit(state, work, on: work.connection)
  }

  /// Commits on either session; until it is known what became of it, the rows may look one way or the other.
  private func commit(
    _ state: [Int64], _ work: Work, on connection: DatabaseConnection
  ) async throws {
    let before = states[work.number].allowed
    allow(before + [state], work)
    do {
      try await connection.commit()
      allow([state], work)
    } catch {
      if !connection.isCommitPending { allow(before, work) }
      throw error
    }
  }

  private func allow(_ allowed: [[Int64]], _ work: Work) {
    states[work.number].allowed = allowed
    states[work.number].since = work.connection.now
  }

  private func note(_ what: String, _ allowed: [String], _ answer: String, _ work: Work) {
    note(.answered(by: work.token, what: what, allowed: allowed, answer: answer), work)
  }

  private func note(_ what: AnswerChecker.Observation, _ work: Work) {
    seen.append((work.connection.now, what))
  }

  func ended(_ attempt: TransactionAttempt, _ outcome: TransactionOutcome, at instant: Instant) {}

  // MARK: The end

  private func rows(
    of token: TransactionToken, on connection: DatabaseConnection
  ) async throws -> [Int64] {
    let answer = try await connection.execute(
      "SELECT part, n FROM impatient_rows WHERE client = $1 AND sequence = $2 ORDER BY part",
      Int64(token.client), Int64(token.sequence))
    var found = Self.nothing
    for row in answer.rows.indices {
      guard let part = answer.integer(row: row, column: 0), (1...3).contains(part) else { continue }
      found[Int(part) - 1] = answer.integer(row: row, column: 1) ?? -1
    }
    return found
  }

  func survivors(through console: DatabaseConnection) async throws -> [TransactionToken] {
    left = []
    isRead = false
    for (token, _, _) in states { left.append((token, try await rows(of: token, on: console))) }
    isRead = true
    return try await console.tokens("SELECT client, sequence FROM impatient_log")
  }

  func judgements(of state: EndState) -> [Judgement] {
    var checker = AnswerChecker(deadline: Self.circleDeadline)
    let disturbed = state.faults.compactMap { $0.acted.map { state.origin + $0.sinceStart } }.min()
    var violations: [Violation] = []
    for (instant, what) in seen {
      if let disturbed, disturbed <= instant { _ = checker.observe(.disturbed, at: state.now) }
      if let violation = checker.observe(what, at: state.scenarioTime(instant)) {
        violations.append(violation)
      }
    }
    let answers = checker.answerCount
    let reading = state.reading?.start ?? .distantFuture
    for (index, entry) in left.enumerated() where isRead {
      // What was not over when the reading began may have changed its rows since.
      if states[index].since >= reading { continue }
      let violation = checker.observe(
        .rows(of: entry.token, found: entry.found, allowed: states[index].allowed), at: state.now)
      if let violation { violations.append(violation) }
    }
    return [
      Judgement(
        .answersHold, violations: violations, wasJudged: isRead && answers > 0,
        evidence: !isRead
          ? "the rows could not be read at the end"
          : answers == 0
            ? "nobody got in anybody's way"
            : "\(FixedPoint.grouped(answers)) answers, and rows looked at"
              + " \(FixedPoint.grouped(checker.rowsCount)) times")
    ]
  }
}
