import Simulation
import Statistics
import Wire

/// Makes and drops tables, and an index of a table that others write to. Each transaction says in a log what it has done,
/// so that at the end the log and the catalog can be held against each other.
final class DefinitionScript: TransactionScript {
  /// A table that somebody has tried to make.
  private struct MadeTable {
    let token: TransactionToken
    /// Whether somebody is about to drop it, or has.
    var isTaken = false

    var name: String { "made_\(token.client)_\(token.sequence)" }
  }

  private var made: [MadeTable] = []
  private var seen: [(instant: Instant, what: DefinitionChecker.Observation)] = []
  private var left: [DefinitionChecker.Observation] = []
  private var isRead = false

  private static let rowsPerTable = 5
  private static let keys = 4

  /// A table that was dropped meanwhile, an index that another has made.
  let expectedErrors = [
    ExpectedError(sqlState: "42P01", subject: "made_"),
    ExpectedError(sqlState: "42P07", subject: "shared_rows_k"),
    ExpectedError(sqlState: "42704", subject: "shared_rows_k"),
  ]

  func load(through console: DatabaseConnection) async throws {
    _ = try await console.query(
      """
      CREATE TABLE shared_rows(client int, sequence int, k bigint, PRIMARY KEY (client, sequence));
      CREATE INDEX shared_rows_k ON shared_rows(k);
      CREATE TABLE definition_log(
        client int, sequence int, made_client int, made_sequence int, is_drop int,
        PRIMARY KEY (client, sequence));
      """)
  }

  private enum Action: CaseIterable {
    case write, writeMore, make, makeAndGiveUp, drop, indexAnew
  }

  func run(_ attempt: TransactionAttempt, on connection: DatabaseConnection) async throws {
    guard let mix = attempt.mix.kind as? DefinitionMix else {
      preconditionFailure("a definition script runs transactions on definitions")
    }
    let random = attempt.random
    let isCompared = random.chance(mix.reads.fraction)
    let key = Int64(random.index(below: Self.keys))
    let action = Action.allCases[random.index(below: Action.allCases.count)]
    let token = attempt.token
    attempt.writes = !isCompared
    try await connection.begin(attempt.begin)
    if isCompared {
      let answer = try await connection.execute(
        """
        SELECT (SELECT count(*) FROM shared_rows WHERE k = $1), \
        (SELECT count(*) FROM shared_rows WHERE k + 0 = $1)
        """, key)
      seen.append(
        (
          connection.now,
          .compared(
            by: "\(token)", key: key, index: answer.integer(row: 0, column: 0) ?? -1,
            table: answer.integer(row: 0, column: 1) ?? -1)
        ))
      return try await connection.commit()
    }
    switch action {
    case .write, .writeMore: try await note(token, of: token, isDrop: false, key, on: connection)
    case .make, .makeAndGiveUp:
      let table = MadeTable(token: token)
      made.append(table)
      _ = try await connection.query("CREATE TABLE \(table.name)(id int PRIMARY KEY, v int)")
      _ = try await connection.query(
        "INSERT INTO \(table.name) SELECT i, 7 FROM generate_series(1, \(Self.rowsPerTable)) AS g(i)"
      )
      _ = try await connection.query("CREATE INDEX \(table.name)_v ON \(table.name)(v)")
      try await note(token, of: token, isDrop: false, key, on: connection)
      if action == .makeAndGiveUp {
        attempt.writes = false
        return try await connection.rollBack()
      }
    case .drop:
      if let place = made.firstIndex(where: { !$0.isTaken && $0.token.client == token.client }) {
        made[place].isTaken = true
        _ = try await connection.query("DROP TABLE \(made[place].name)")
        try await note(token, of: made[place].token, isDrop: true, key, on: connection)
      } else {
        try await note(token, of: token, isDrop: false, key, on: connection)
      }
    case .indexAnew:
      _ = try await connection.query("DROP INDEX shared_rows_k")
      _ = try await connection.query("CREATE INDEX shared_rows_k ON shared_rows(k)")
      try await note(token, of: token, isDrop: false, key, on: connection)
    }
    try await connection.commit()
  }

  /// A row in the shared table, and one in the log.
  private func note(
    _ token: TransactionToken, of made: TransactionToken, isDrop: Bool, _ key: Int64,
    on connection: DatabaseConnection
  ) async throws {
    _ = try await connection.execute(
      "INSERT INTO shared_rows(client, sequence, k) VALUES ($1, $2, $3)", Int64(token.client),
      Int64(token.sequence), key)
    _ = try await connection.execute(
      """
      INSERT INTO definition_log(client, sequence, made_client, made_sequence, is_drop) \
      VALUES ($1, $2, $3, $4, $5)
      """, Int64(token.client), Int64(token.sequence), Int64(made.client), Int64(made.sequence),
      isDrop ? 1 : 0)
  }

  func ended(_ attempt: TransactionAttempt, _ outcome: TransactionOutcome, at instant: Instant) {}

  func survivors(through console: DatabaseConnection) async throws -> [TransactionToken] {
    left = []
    isRead = false
    let log = try await console.query(
      "SELECT client, sequence, made_client, made_sequence, is_drop FROM definition_log")
    var survivors: [TransactionToken] = []
    var dropped: [TransactionToken] = []
    for row in log.rows.indices {
      let values = (0..<5).map { Int(log.integer(row: row, column: $0) ?? -1) }
      survivors.append(TransactionToken(client: values[0], sequence: values[1]))
      if values[4] == 1 { dropped.append(TransactionToken(client: values[2], sequence: values[3])) }
    }
    for table in made {
      let isMade = survivors.contains(table.token) && !dropped.contains(table.token)
      left.append(
        .table(name: table.name, isMade: isMade, rows: try await rows(of: table.name, console)))
    }
    for key in 0..<Int64(Self.keys) {
      let byIndex = try await console.execute("SELECT k FROM shared_rows WHERE k = $1", key)
      let byTable = try await console.execute("SELECT k FROM shared_rows WHERE k + 0 = $1", key)
      left.append(
        .compared(
          by: "the final read", key: key, index: Int64(byIndex.rows.count),
          table: Int64(byTable.rows.count)))
    }
    isRead = true
    return survivors
  }

  /// How many rows a table has, by itself and by its index; `nil` if there is none of this name.
  private func rows(of table: String, _ console: DatabaseConnection) async throws -> [Int64]? {
    _ = try await console.query("SAVEPOINT look")
    do {
      let all = try await console.query("SELECT count(*) FROM \(table) WHERE v + 0 = 7")
      let found = try await console.query("SELECT count(*) FROM \(table) WHERE v = 7")
      _ = try await console.query("RELEASE SAVEPOINT look")
      return [all.integer(row: 0, column: 0) ?? -1, found.integer(row: 0, column: 0) ?? -1]
    } catch let error as ErrorFields where error.sqlState == "42P01" {
      _ = try await console.query("ROLLBACK TO SAVEPOINT look")
      return nil
    }
  }

  func judgements(of state: EndState) -> [Judgement] {
    var checker = DefinitionChecker(rowsPerTable: Self.rowsPerTable)
    var violations = seen.compactMap {
      checker.observe($0.what, at: state.scenarioTime($0.instant))
    }
    if isRead { violations += left.compactMap { checker.observe($0, at: state.now) } }
    return [
      Judgement(
        .definitionsAreAtomic, violations: violations,
        wasJudged: isRead && checker.tableCount + checker.comparisonCount > Self.keys,
        evidence: isRead
          ? "\(FixedPoint.grouped(checker.tableCount)) tables looked for, and an index compared"
            + " \(FixedPoint.grouped(checker.comparisonCount)) times"
          : "the catalog could not be read at the end")
    ]
  }
}
