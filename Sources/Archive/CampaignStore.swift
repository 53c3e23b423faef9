import GRDB
public import Scenarios
import Simulation

/// The database of a campaign: what each seed came to, as soon as it is known.
///
/// Every outcome is a transaction of its own, so that whatever ends the program leaves a whole number of
/// them behind.
public final class CampaignStore {
  public static let fileName = "campaign.sqlite"

  /// Why the database cannot be used.
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  private let database: DatabaseQueue
  private let plan: String
  private let build: String

  /// Opens the database, or makes it.
  ///
  /// - Parameters:
  ///   - campaign: whose outcomes are kept here; what the database has of other plans and builds stays.
  ///   - plan: the scenario of the campaign.
  public init(path: String, for campaign: Campaign, plan scenario: Scenario) throws(Failure) {
    plan = scenario.digest
    build = campaign.build
    database = try Self.refusing(path) {
      let database = try DatabaseQueue(path: path)
      try Self.schema.migrate(database)
      return database
    }
    try Self.refusing(path) {
      try database.write { database in
        try database.execute(
          sql: """
            INSERT OR REPLACE INTO scenario (plan, name, file, claim, text, command) \
            VALUES (?, ?, ?, ?, ?, ?)
            """,
          arguments: [
            scenario.digest, scenario.name, campaign.scenarioFile, scenario.claim, scenario.yaml,
            ReplayCommand.start(campaign.scenarioFile),
          ])
      }
    }
  }

  // MARK: Writing

  /// Keeps an outcome; an older one of the same seed goes.
  public func add(_ outcome: Campaign.Outcome) throws(Failure) {
    let key: [any DatabaseValueConvertible] = [plan, build, Int64(bitPattern: outcome.seed)]
    try Self.refusing("seed \(outcome.seed)") {
      try database.write { database in
        try Self.remove(key, from: database)
        try database.execute(
          sql: """
            INSERT INTO outcome (plan, build, seed, verdict, digest, outage_ns, outage_goes_on, \
            lost_commits, was_replayed, reasons, real_s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
          arguments: StatementArguments(
            key + [
              outcome.verdict.rawValue, outcome.digest, outcome.longestOutage?.nanoseconds,
              outcome.outageGoesOn,
              outcome.lostCommits, outcome.wasReplayed, outcome.reasons.joined(separator: "\n"),
              outcome.realSeconds,
            ] as [(any DatabaseValueConvertible)?]))
        for (place, objective) in outcome.objectives.enumerated() {
          try database.execute(
            sql: """
              INSERT INTO objective (plan, build, seed, place, name, observed, passed, is_at_least) \
              VALUES (?, ?, ?, ?, ?, ?, ?, ?)
              """,
            arguments: StatementArguments(
              key + [
                place, objective.name, objective.observed, objective.passed, objective.isAtLeast,
              ] as [(any DatabaseValueConvertible)?]))
          for (number, value) in objective.values.enumerated() {
            try database.execute(
              sql: """
                INSERT INTO objective_value (plan, build, seed, place, number, value, is_at_least) \
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
              arguments: StatementArguments(
                key + [place, number, value.magnitude, value.isAtLeast]))
          }
        }
        for (place, probe) in outcome.probes.enumerated() {
          try database.execute(
            sql: """
              INSERT INTO probe (plan, build, seed, place, name, count) VALUES (?, ?, ?, ?, ?, ?)
              """,
            arguments: StatementArguments(key + [place, probe.name, probe.count]))
        }
      }
    }
  }

  private static func remove(_ key: [any DatabaseValueConvertible], from database: Database) throws
  {
    for table in ["outcome", "objective", "objective_value", "probe"] {
      try database.execute(
        sql: "DELETE FROM \(table) WHERE plan = ? AND build = ? AND seed = ?",
        arguments: StatementArguments(key))
    }
  }

  // MARK: Reading

  /// What is known of this plan under this build, in order of the seeds.
  public func outcomes() throws(Failure) -> [Campaign.Outcome] {
    let key: StatementArguments = [plan, build]
    return try Self.refusing("outcomes") {
      try database.read { database in
        let values = try Self.rows("objective_value", key, database)
        let objectives = try Self.rows("objective", key, database).mapValues {
          $0.map { row in
            let (seed, place): (Int64, Int) = (row["seed"], row["place"])
            return Campaign.Objective(
              name: row["name"], observed: row["observed"], passed: row["passed"],
              isAtLeast: row["is_at_least"],
              values: (values[seed] ?? []).filter { $0["place"] == place }.map {
                ObjectiveResult.Value($0["value"], isAtLeast: $0["is_at_least"])
              })
          }
        }
        let probes = try Self.rows("probe", key, database).mapValues {
          $0.map { ProbeCount(name: $0["name"], count: $0["count"]) }
        }
        let rows = try Row.fetchAll(
          database, sql: "SELECT * FROM outcome WHERE plan = ? AND build = ?", arguments: key)
        return rows.map { row in
          let seed: Int64 = row["seed"]
          var outcome = Self.outcome(row)
          outcome.objectives = objectives[seed] ?? []
          outcome.probes = probes[seed] ?? []
          return outcome
        }
        .sorted { $0.seed < $1.seed }
      }
    }
  }

  /// The rows of a table by their seeds, each in its order.
  private static func rows(
    _ table: String, _ key: StatementArguments, _ database: Database
  ) throws -> [Int64: [Row]] {
    let rows = try Row.fetchAll(
      database, sql: "SELECT * FROM \(table) WHERE plan = ? AND build = ? ORDER BY seed, place",
      arguments: key)
    return Dictionary(grouping: rows) { $0["seed"] }
  }

  private static func outcome(_ row: Row) -> Campaign.Outcome {
    let reasons: String = row["reasons"]
    let outage: Int64? = row["outage_ns"]
    var outcome = Campaign.Outcome(seed: UInt64(bitPattern: row["seed"]), failure: "")
    outcome.verdict = Verdict(rawValue: row["verdict"]) ?? .unknown
    outcome.reasons = reasons.isEmpty ? [] : reasons.split(separator: "\n").map(String.init)
    outcome.digest = row["digest"]
    outcome.longestOutage = outage.map { Interval(nanoseconds: $0) }
    outcome.outageGoesOn = row["outage_goes_on"]
    outcome.lostCommits = row["lost_commits"]
    outcome.wasReplayed = row["was_replayed"]
    outcome.realSeconds = row["real_s"]
    return outcome
  }

  // MARK: The database

  private static var schema: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { database in
      try database.execute(
        sql: """
          CREATE TABLE scenario (
            plan TEXT PRIMARY KEY, name TEXT NOT NULL, file TEXT NOT NULL, claim TEXT NOT NULL,
            text TEXT NOT NULL);
          CREATE TABLE outcome (
            plan TEXT NOT NULL REFERENCES scenario, build TEXT NOT NULL, seed INTEGER NOT NULL,
            verdict TEXT NOT NULL, digest TEXT NOT NULL, outage_ns INTEGER,
            lost_commits INTEGER NOT NULL, was_replayed BOOLEAN NOT NULL, reasons TEXT NOT NULL,
            PRIMARY KEY (plan, build, seed)) WITHOUT ROWID;
          CREATE TABLE objective (
            plan TEXT NOT NULL, build TEXT NOT NULL, seed INTEGER NOT NULL, place INTEGER NOT NULL,
            name TEXT NOT NULL, observed REAL, passed BOOLEAN,
            PRIMARY KEY (plan, build, seed, place)) WITHOUT ROWID;
          CREATE TABLE probe (
            plan TEXT NOT NULL, build TEXT NOT NULL, seed INTEGER NOT NULL, place INTEGER NOT NULL,
            name TEXT NOT NULL, count INTEGER NOT NULL,
            PRIMARY KEY (plan, build, seed, place)) WITHOUT ROWID;
          CREATE VIEW failure AS
            SELECT name AS scenario, build, seed, verdict, reasons,
              'borealis run ' || file || ' --seed ' || seed AS replay
            FROM outcome JOIN scenario USING (plan) WHERE verdict <> 'pass';
          """)
    }
    // A command as a shell takes it: the name of a file may need quotes, and a seed has no sign.
    migrator.registerMigration("2") { database in
      try database.execute(
        sql: "ALTER TABLE scenario ADD COLUMN command TEXT NOT NULL DEFAULT ''; DROP VIEW failure")
      for file in try String.fetchAll(database, sql: "SELECT DISTINCT file FROM scenario") {
        try database.execute(
          sql: "UPDATE scenario SET command = ? WHERE file = ?",
          arguments: [ReplayCommand.start(file), file])
      }
      try database.execute(
        sql: """
          CREATE VIEW failure AS
            SELECT name AS scenario, build, seed, verdict, reasons,
              command || ' --seed ' || printf('%u', seed) AS replay
            FROM outcome JOIN scenario USING (plan) WHERE verdict <> 'pass';
          """)
    }
    // The values one by one, of which many runs together have quantiles.
    migrator.registerMigration("3") { database in
      try database.execute(
        sql: """
          ALTER TABLE objective ADD COLUMN is_at_least BOOLEAN NOT NULL DEFAULT FALSE;
          CREATE TABLE objective_value (
            plan TEXT NOT NULL, build TEXT NOT NULL, seed INTEGER NOT NULL, place INTEGER NOT NULL,
            number INTEGER NOT NULL, value REAL NOT NULL, is_at_least BOOLEAN NOT NULL,
            PRIMARY KEY (plan, build, seed, place, number)) WITHOUT ROWID;
          """)
    }
    migrator.registerMigration("real time") { database in
      try database.execute(sql: "ALTER TABLE outcome ADD COLUMN real_s REAL")
    }
    // Until then, an outage that had not ended was not counted.
    migrator.registerMigration("outages that go on") { database in
      try database.execute(
        sql: "ALTER TABLE outcome ADD COLUMN outage_goes_on BOOLEAN NOT NULL DEFAULT FALSE")
    }
    return migrator
  }

  private static func refusing<Result>(
    _ place: String, _ body: () throws -> Result
  ) throws(Failure) -> Result {
    do {
      return try body()
    } catch {
      throw Failure(
        description:
          "\(place): expected a database of a campaign that can be written, not this: \(error)")
    }
  }
}
