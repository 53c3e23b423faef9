import Simulation
import Statistics
import Wire

/// Takes names, gives them up and passes them on: rows are deleted and put in again under a unique key, and change the
/// columns of another index.
final class RegistryScript: TransactionScript {
  private let names: Int
  private var seen: [(instant: Instant, what: RegistryChecker.Observation)] = []
  private var left: [RegistryChecker.Observation] = []
  private var isRead = false
  /// Transactions that have changed something, as far as they know.
  private var changeCount = 0

  private static let kinds = 4

  /// Ids are nobody else's, so that only a name can be taken.
  let expectedErrors = [ExpectedError(sqlState: "23505", subject: "registry_name_key")]

  init(names: Int) { self.names = names }

  func load(through console: DatabaseConnection) async throws {
    _ = try await console.query(
      """
      CREATE TABLE registry(
        id bigint PRIMARY KEY, name bigint NOT NULL UNIQUE, kind bigint NOT NULL, note text);
      CREATE INDEX registry_kind ON registry(kind, name);
      CREATE TABLE registry_log(client int, sequence int, PRIMARY KEY (client, sequence));
      """)
    try await console.insert(into: "registry(id, name, kind, note)", count: names / 2) {
      "(\($0 + 1), \($0 * 2 + 1), \($0 % Self.kinds), 'first')"
    }
  }

  private enum Action: CaseIterable {
    case take, takeIfFree, takeOrRecast, giveUp, passOn, move, rename, recast, recastAndBack,
      giveUpInVain
  }

  func run(_ attempt: TransactionAttempt, on connection: DatabaseConnection) async throws {
    guard let mix = attempt.mix.kind as? RegistryMix else {
      preconditionFailure("a registry script runs transactions on the registry")
    }
    let random = attempt.random
    let isRead = random.chance(mix.reads.fraction)
    let kind = Int64(random.index(below: Self.kinds))
    let name = Int64(random.index(below: names) + 1)
    let other = Int64(random.index(below: names) + 1)
    let action = Action.allCases[random.index(below: Action.allCases.count)]
    attempt.writes = !isRead
    try await connection.begin(attempt.begin)
    if isRead {
      try await compare(kind, name, "\(attempt.token)", on: connection)
      return try await connection.commit()
    }
    try await change(name, other, kind, action, attempt.token, on: connection)
    _ = try await connection.execute(
      "INSERT INTO registry_log(client, sequence) VALUES ($1, $2)", Int64(attempt.token.client),
      Int64(attempt.token.sequence))
    try await connection.commit()
    changeCount += 1
  }

  private func change(
    _ name: Int64, _ other: Int64, _ kind: Int64, _ action: Action, _ token: TransactionToken,
    on connection: DatabaseConnection
  ) async throws {
    // No two transactions, and none of the rows that were there first, have the same.
    let id = Int64(token.client) * 1_000_000 + Int64(token.sequence) + 1_000_000_000
    /// Runs a statement on the row of the name, which may change so many rows.
    func change(
      _ rows: ClosedRange<Int>, _ statement: StaticString, _ parameters: Int64...
    ) async throws -> DatabaseConnection.Answer {
      let answer = try await connection.execute(statement, parameters)
      seen.append(
        (connection.now, .changed(by: "\(token)", name: name, rows: answer.count, of: rows)))
      return answer
    }
    switch action {
    case .take:
      _ = try await change(
        1...1, "INSERT INTO registry(id, name, kind, note) VALUES ($1, $2, $3, 'taken')", id, name,
        kind)
    case .takeIfFree:
      _ = try await change(
        0...1,
        """
        INSERT INTO registry(id, name, kind, note) VALUES ($1, $2, $3, 'free') \
        ON CONFLICT (name) DO NOTHING
        """, id, name, kind)
    case .takeOrRecast:
      _ = try await change(
        1...1,
        """
        INSERT INTO registry(id, name, kind, note) VALUES ($1, $2, $3, 'new') \
        ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, note = 'old'
        """, id, name, kind)
    case .giveUp:
      _ = try await change(0...1, "DELETE FROM registry WHERE name = $1", name)
    case .giveUpInVain:
      // What is locked before the savepoint stays locked.
      let isHeld =
        try await connection.execute("SELECT id FROM registry WHERE name = $1 FOR UPDATE", name)
        .rows.count == 1
      _ = try await connection.execute("SAVEPOINT doubt")
      _ = try await change(
        isHeld ? 1...1 : 0...1, "DELETE FROM registry WHERE name = $1", name)
      _ = try await connection.execute("ROLLBACK TO SAVEPOINT doubt")
      try await lookUp(name, exactly: isHeld ? 1 : nil, "\(token)", on: connection)
    case .passOn, .move:
      let removed = try await change(
        0...1, "DELETE FROM registry WHERE name = $1 RETURNING id", name)
      // Moved, a row has the id again under which it was known, and perhaps another name.
      let isMove = action == .move
      let (newID, newName) =
        isMove
        ? (removed.rows.isEmpty ? id : removed.integer(row: 0, column: 0) ?? id, other) : (id, name)
      do {
        _ = try await change(
          1...1, "INSERT INTO registry(id, name, kind, note) VALUES ($1, $2, $3, 'passed')", newID,
          newName, kind)
      } catch let error as ErrorFields where error.sqlState == "23505" {
        // Whoever has removed a row holds its name.
        if removed.count == 1, newName == name {
          seen.append((connection.now, .refused(by: "\(token)", name: name)))
        }
        throw error
      }
      if removed.count == 1, newName == name {
        try await lookUp(name, exactly: 1, "\(token)", on: connection)
      }
    case .rename:
      _ = try await change(0...1, "UPDATE registry SET name = $2 WHERE name = $1", name, other)
    case .recast:
      _ = try await change(0...1, "UPDATE registry SET kind = $2 WHERE name = $1", name, kind)
    case .recastAndBack:
      // To another kind and back, then to one that is taken back, and back and forth again.
      let first = try await change(
        0...1, "UPDATE registry SET kind = kind + $2 WHERE name = $1", name, 1)
      guard first.count == 1 else { return }
      _ = try await change(1...1, "UPDATE registry SET kind = kind - $2 WHERE name = $1", name, 1)
      _ = try await connection.execute("SAVEPOINT doubt")
      _ = try await change(1...1, "UPDATE registry SET kind = $2 WHERE name = $1", name, kind)
      _ = try await connection.execute("ROLLBACK TO SAVEPOINT doubt")
      _ = try await change(1...1, "UPDATE registry SET kind = kind + $2 WHERE name = $1", name, 1)
      _ = try await change(1...1, "UPDATE registry SET kind = kind - $2 WHERE name = $1", name, 1)
    }
  }

  /// By each of the indexes that may find a row, and by a condition that no index knows.
  private func compare(
    _ kind: Int64, _ name: Int64, _ reader: String, on connection: DatabaseConnection
  ) async throws {
    let answer = try await connection.execute(
      """
      SELECT (SELECT count(*) FROM registry WHERE kind = $1), \
      (SELECT coalesce(sum(name), 0) FROM registry WHERE kind = $1), \
      (SELECT count(*) FROM registry WHERE kind + 0 = $1), \
      (SELECT coalesce(sum(name), 0) FROM registry WHERE kind + 0 = $1)
      """, kind)
    let values = (0..<4).map { answer.integer(row: 0, column: $0) ?? -1 }
    seen.append(
      (
        connection.now,
        .compared(
          by: reader, kind: kind, index: Array(values[..<2]), table: Array(values[2...]))
      ))
    try await lookUp(name, exactly: nil, reader, on: connection)
    let all = try await connection.execute(
      "SELECT name FROM registry WHERE kind + 0 >= 0 ORDER BY name + 0")
    seen.append((connection.now, .names(by: reader, Self.column(of: all))))
  }

  /// Looks a name up in three ways, by one statement.
  ///
  /// - Parameter exactly: how many rows it must have, if that is known.
  private func lookUp(
    _ name: Int64, exactly rows: Int?, _ reader: String, on connection: DatabaseConnection
  ) async throws {
    let answer = try await connection.execute(
      """
      SELECT (SELECT count(*) FROM registry WHERE name = $1), \
      (SELECT count(*) FROM registry WHERE name + 0 = $1), \
      (SELECT count(*) FROM registry WHERE id = (SELECT min(id) FROM registry WHERE name + 0 = $1))
      """, name)
    seen.append(
      (
        connection.now,
        .lookedUp(
          by: reader, name: name, found: (0..<3).map { answer.integer(row: 0, column: $0) ?? -1 },
          expected: rows.map(Int64.init))
      ))
  }

  private static func column(of answer: DatabaseConnection.Answer, _ column: Int = 0) -> [Int64] {
    answer.rows.indices.compactMap { answer.integer(row: $0, column: column) }
  }

  func ended(_ attempt: TransactionAttempt, _ outcome: TransactionOutcome, at instant: Instant) {}

  func survivors(through console: DatabaseConnection) async throws -> [TransactionToken] {
    left = []
    isRead = false
    let rows = try await console.query("SELECT id, name FROM registry ORDER BY name + 0")
    let reader = "the final read"
    left.append(.names(by: reader, Self.column(of: rows, 1)))
    var ids = LookupTable<Int64, [Int64]>()
    for row in rows.rows.indices {
      guard let id = rows.integer(row: row, column: 0), let name = rows.integer(row: row, column: 1)
      else { continue }
      ids[name, default: []].append(id)
    }
    // The free names, too: an index may find what is not there.
    for name in 1...Int64(names) {
      let found = try await console.execute("SELECT id FROM registry WHERE name = $1", name)
      left.append(.found(name: name, ids: ids[name] ?? [], byName: Self.column(of: found)))
    }
    for kind in 0..<Int64(Self.kinds) {
      let byIndex = try await console.execute(
        "SELECT name FROM registry WHERE kind = $1 ORDER BY name", kind)
      let byTable = try await console.execute(
        "SELECT name FROM registry WHERE kind + 0 = $1 ORDER BY name + 0", kind)
      left.append(
        .compared(
          by: reader, kind: kind, index: Self.column(of: byIndex), table: Self.column(of: byTable)))
    }
    isRead = true
    return try await console.tokens("SELECT client, sequence FROM registry_log")
  }

  func judgements(of state: EndState) -> [Judgement] {
    var checker = RegistryChecker()
    var violations = seen.compactMap {
      checker.observe($0.what, at: state.scenarioTime($0.instant))
    }
    if isRead { violations += left.compactMap { checker.observe($0, at: state.now) } }
    func judgement(_ invariant: Invariant, _ count: Int, _ what: String) -> Judgement {
      Judgement(
        invariant, violations: violations.filter { $0.invariant == invariant },
        wasJudged: isRead && count > 0 && changeCount > 0,
        evidence: !isRead
          ? "the registry could not be read at the end"
          : changeCount == 0
            ? "nobody changed the registry"
            : "\(FixedPoint.grouped(count)) \(what), after \(FixedPoint.grouped(changeCount)) changes"
      )
    }
    return [
      judgement(.uniqueKeysHold, checker.readingCount, "readings of names"),
      judgement(
        .indexesAgreeWithTables, checker.comparisonCount, "comparisons of an index with its table"),
    ]
  }
}
