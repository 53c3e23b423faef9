import Simulation
import Statistics
import Wire

/// Reports that take seconds, in one snapshot, and read everything several times in several ways; and small transactions
/// that change, move, delete and insert what is read.
///
/// A place holds one row, under one of two keys: place 3 has row 5 or row 6. So a row can be deleted and put in again,
/// under the same key or another one, and there are always as many.
final class ReportScript: TransactionScript {
  private let rows: Int
  private var seen: [(instant: Instant, what: ReportChecker.Observation)] = []
  private var left: ReportChecker.Observation?
  private var writeCount = 0

  private static let kinds: Int64 = 5
  private static let amount: Int64 = 100
  /// Between two rounds of a report.
  private static let pause: ClosedRange<Interval> = .milliseconds(200)...Interval.milliseconds(1500)

  init(rows: Int) { self.rows = rows }

  func load(through console: DatabaseConnection) async throws {
    _ = try await console.query(
      """
      CREATE TABLE report_rows(
        id bigint PRIMARY KEY, kind bigint NOT NULL, amount bigint NOT NULL, note text);
      CREATE INDEX report_rows_kind ON report_rows(kind, id);
      CREATE TABLE report_log(client int, sequence int, PRIMARY KEY (client, sequence));
      """)
    try await console.insert(into: "report_rows(id, kind, amount, note)", count: rows) {
      "(\($0 * 2 + 1), \(Int64($0) % Self.kinds), \(Self.amount), 'first')"
    }
  }

  func run(_ attempt: TransactionAttempt, on connection: DatabaseConnection) async throws {
    guard let mix = attempt.mix.kind as? ReportMix else {
      preconditionFailure("a report script runs transactions on reports")
    }
    if attempt.random.chance(mix.reads.fraction) {
      attempt.writes = false
      try await report(attempt, on: connection)
    } else {
      try await change(attempt, on: connection)
    }
  }

  // MARK: Reports

  private func report(
    _ attempt: TransactionAttempt, on connection: DatabaseConnection
  ) async throws {
    let random = attempt.random
    let rounds = 2 + random.index(below: 2)
    let first = random.index(below: 3)
    let kind = Int64(random.index(below: Int(Self.kinds)))
    let place = Int64(random.index(below: rows) + 1)
    let pauses = (0..<rounds).map { _ in random.interval(in: Self.pause) }
    let reader = "\(attempt.token)"
    var readings: [ReportChecker.Reading] = []
    defer {
      let session = "\(attempt.token.client), since \(connection.established)"
      if !readings.isEmpty {
        seen.append((connection.now, .report(by: reader, session: session, readings)))
      }
    }
    do {
      try await connection.begin("BEGIN ISOLATION LEVEL REPEATABLE READ")
      for round in 0..<rounds {
        if round > 0 { try await connection.pause(for: pauses[round]) }
        readings.append(.rows(.all, try await all((first + round) % 3, on: connection)))
        try await read(kind, place, into: &readings, on: connection)
      }
      try await connection.commit()
    } catch let error as ErrorFields where error.sqlState.hasPrefix("40") {
      seen.append((connection.now, .refused(by: reader, sqlState: error.sqlState)))
      throw error
    }
  }

  /// Every row: by the primary key, sorted, or by the other index.
  private func all(
    _ way: Int, on connection: DatabaseConnection
  ) async throws -> [ReportChecker.Row] {
    let answer =
      switch way {
      case 0:
        try await connection.execute("SELECT id, kind, amount FROM report_rows ORDER BY id")
      case 1:
        try await connection.execute(
          "SELECT id, kind, amount FROM report_rows ORDER BY amount + 0, id + 0")
      default:
        try await connection.execute(
          "SELECT id, kind, amount FROM report_rows WHERE kind >= 0 ORDER BY kind, id")
      }
    return Self.rows(of: answer)
  }

  /// Some of the rows, and what they come to.
  private func read(
    _ kind: Int64, _ place: Int64, into readings: inout [ReportChecker.Reading],
    on connection: DatabaseConnection
  ) async throws {
    let ofKind = try await connection.execute(
      "SELECT id, kind, amount FROM report_rows WHERE kind = $1", kind)
    readings.append(.rows(.kind(kind), Self.rows(of: ofKind)))
    let inPlace = try await connection.execute(
      "SELECT id, kind, amount FROM report_rows WHERE id >= $1 AND id <= $2", place * 2 - 1,
      place * 2)
    readings.append(.rows(.place(place), Self.rows(of: inPlace)))
    let totals = try await connection.execute(
      """
      SELECT (SELECT count(*) FROM report_rows), \
      (SELECT coalesce(sum(amount), 0) FROM report_rows), \
      (SELECT count(*) FROM report_rows WHERE kind = $1), \
      (SELECT coalesce(sum(amount), 0) FROM report_rows WHERE kind = $1)
      """, kind)
    let values = (0..<4).map { totals.integer(row: 0, column: $0) ?? -1 }
    readings.append(.totals(.all, count: values[0], sum: values[1]))
    readings.append(.totals(.kind(kind), count: values[2], sum: values[3]))
    let commits = try await connection.execute(
      "SELECT client, max(sequence) FROM report_log GROUP BY client ORDER BY client")
    readings.append(
      .commits(
        commits.rows.indices.map {
          ReportChecker.Commit(
            client: commits.integer(row: $0, column: 0) ?? -1,
            last: commits.integer(row: $0, column: 1) ?? -1)
        }))
  }

  private static func rows(of answer: DatabaseConnection.Answer) -> [ReportChecker.Row] {
    answer.rows.indices.map { row in
      ReportChecker.Row(
        id: answer.integer(row: row, column: 0) ?? -1,
        kind: answer.integer(row: row, column: 1) ?? -1,
        amount: answer.integer(row: row, column: 2) ?? -1)
    }.sorted { $0.id < $1.id }
  }

  // MARK: Changes

  private enum Action: CaseIterable {
    case move, recast, recastTwice, replace, putBack
  }

  private func change(
    _ attempt: TransactionAttempt, on connection: DatabaseConnection
  ) async throws {
    let random = attempt.random
    let action = Action.allCases[random.index(below: Action.allCases.count)]
    let place = Int64(random.index(below: rows - 1) + 1)
    let other = place + 1 + Int64(random.index(below: rows - Int(place)))
    let kind = Int64(random.index(below: Int(Self.kinds)))
    let amount = Int64(random.index(below: 20) + 1)
    let isGivenUp = random.chance(0.2)
    try await connection.begin(attempt.begin)
    let isDone: Bool
    switch action {
    case .move:
      // The lower place first, so that no two wait for each other.
      let isTaken = try await pay(-amount, at: place, on: connection)
      isDone = isTaken ? try await pay(amount, at: other, on: connection) : false
    case .recast: isDone = try await recast(place, kind, on: connection)
    case .recastTwice:
      let isRecast = try await recast(other, (kind + 1) % Self.kinds, on: connection)
      isDone = isRecast ? try await recast(other, kind, on: connection) : false
    case .replace: isDone = try await replace(other, isSame: false, kind, on: connection)
    case .putBack: isDone = try await replace(place, isSame: true, kind, on: connection)
    }
    // Another transaction has put the row of the place under its other key meanwhile.
    if !isDone || isGivenUp {
      attempt.writes = false
      return try await connection.rollBack()
    }
    writeCount += 1
    _ = try await connection.execute(
      "INSERT INTO report_log(client, sequence) VALUES ($1, $2)", Int64(attempt.token.client),
      Int64(attempt.token.sequence))
    try await connection.commit()
  }

  /// - Returns: whether the row was there.
  private func pay(
    _ amount: Int64, at place: Int64, on connection: DatabaseConnection
  ) async throws -> Bool {
    try await connection.execute(
      "UPDATE report_rows SET amount = amount + $1 WHERE id >= $2 AND id <= $3", amount,
      place * 2 - 1, place * 2
    ).count == 1
  }

  private func recast(
    _ place: Int64, _ kind: Int64, on connection: DatabaseConnection
  ) async throws -> Bool {
    try await connection.execute(
      "UPDATE report_rows SET kind = $1 WHERE id >= $2 AND id <= $3", kind, place * 2 - 1,
      place * 2
    ).count == 1
  }

  /// Deletes the row of a place, and puts it in again under the same key or the other one.
  private func replace(
    _ place: Int64, isSame: Bool, _ kind: Int64, on connection: DatabaseConnection
  ) async throws -> Bool {
    let found = try await connection.execute(
      "DELETE FROM report_rows WHERE id >= $1 AND id <= $2 RETURNING id, amount", place * 2 - 1,
      place * 2)
    guard found.rows.count == 1, let id = found.integer(row: 0, column: 0),
      let amount = found.integer(row: 0, column: 1)
    else { return false }
    let sum = place * 4 - 1
    _ = try await connection.execute(
      "INSERT INTO report_rows(id, kind, amount, note) VALUES ($1, $2, $3, 'again')",
      isSame ? id : sum - id, kind, amount)
    return true
  }

  func ended(_ attempt: TransactionAttempt, _ outcome: TransactionOutcome, at instant: Instant) {}

  // MARK: The end

  func survivors(through console: DatabaseConnection) async throws -> [TransactionToken] {
    left = nil
    var readings: [ReportChecker.Reading] = []
    for way in 0..<3 { readings.append(.rows(.all, try await all(way, on: console))) }
    for kind in 0..<Self.kinds {
      try await read(kind, kind % Int64(rows) + 1, into: &readings, on: console)
    }
    left = .report(by: "the final read", session: "the end", readings)
    return try await console.tokens("SELECT client, sequence FROM report_log")
  }

  func judgements(of state: EndState) -> [Judgement] {
    var checker = ReportChecker(places: rows, amount: Self.amount)
    var violations: [Violation] = []
    for (instant, what) in seen {
      // A scenario's own statement may lock the tables, and then a reader ends who has them.
      if case .refused = what, state.world.scenario.sendsAnyStatement { continue }
      if let violation = checker.observe(what, at: state.scenarioTime(instant)) {
        violations.append(violation)
      }
    }
    let reports = checker.reportCount
    let comparisons = checker.comparisonCount
    if let left, let violation = checker.observe(left, at: state.now) {
      violations.append(violation)
    }
    return [
      Judgement(
        .snapshotsStandStill, violations: violations,
        wasJudged: left != nil && writeCount > 0 && comparisons > 0,
        evidence: left == nil
          ? "the rows could not be read at the end"
          : comparisons == 0 || writeCount == 0
            ? "nobody read anything twice beside a change"
            : "\(FixedPoint.grouped(reports)) reports with"
              + " \(FixedPoint.grouped(comparisons)) repeated readings, beside"
              + " \(FixedPoint.grouped(writeCount)) changes")
    ]
  }
}

extension Scenario {
  /// Whether it sends statements of its own, which may do anything.
  fileprivate var sendsAnyStatement: Bool {
    faults.contains {
      if case .statement(let statement) = $0.action { statement.form == .any } else { false }
    }
  }
}
