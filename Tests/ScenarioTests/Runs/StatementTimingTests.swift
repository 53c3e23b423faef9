import Scenarios
import Simulation
import Testing

/// Statements that meet on a running cluster: what each is answered, and when.
@Suite struct `Statements that meet` {
  /// One statement, sent on a connection of its own.
  struct Step {
    var at: String
    var on = "writer"
    var text: String
    /// A tag or an SQLSTATE.
    var answer: String
    /// In seconds.
    var takes: ClosedRange<Double> = 0...60

    init(
      _ at: String, on: String = "writer", _ text: String, _ answer: String,
      takes: ClosedRange<Double> = 0...60
    ) {
      (self.at, self.on, self.text) = (at, on, text)
      (self.answer, self.takes) = (answer, takes)
    }
  }

  private static func run(_ name: String, _ steps: [Step]) throws -> RunResult {
    let faults = steps.enumerated().map { number, step in
      "  - { id: s\(number), at: \(step.at), may_miss: yes, "
        + "sql: { on: \(step.on), text: \"\(step.text)\" } }"
    }
    let file = "\(name).yaml"
    let scenario = try Scenario(
      yaml: """
        borealis: 1
        name: \(name)
        claim: Statements wait for whom they wait for in PostgreSQL.
        run: { horizon: 60s, seeds: 1..3 }
        cluster:
          writer: { id: w, az: a }
          readers:
            - { id: r1, az: b, tier: 0 }
        clients:
          - { id: app }
        workload:
          - { id: oltp, client: app, mix: bank, arrivals: poisson(1/s) }
        faults:
        \(faults.joined(separator: "\n"))
        """, file: file)
    return ScenarioRun(scenario, file: file, seed: 11, build: "test").execute()
  }

  @discardableResult
  private static func check(_ name: String, _ steps: [Step]) throws -> RunResult {
    let result = try run(name, steps)
    #expect(result.faults.count == steps.count)
    for (number, step) in steps.enumerated() {
      let fault = try #require(result.faults.first { $0.id == "s\(number)" })
      let place = "s\(number) at \(step.at): \(step.text)"
      #expect(fault.evidence.hasSuffix(step.answer), "\(place): \(fault.evidence)")
      let start = try #require(fault.start, "\(place): never sent")
      let end = try #require(fault.end, "\(place): no end")
      let seconds = Double((end - start).nanoseconds) / 1e9
      #expect(step.takes.contains(seconds), "\(place): took \(seconds) s")
    }
    return result
  }

  /// Answers and durations as those of a PostgreSQL 15.
  @Test func `of which some change tables wait for those that read them`() throws {
    try Self.check(
      "tables",
      [
        Step("1s", "CREATE TABLE t (id int PRIMARY KEY, v int, k int UNIQUE); "
          + "INSERT INTO t VALUES (1,10,1),(2,20,2),(3,30,3)", "INSERT 0 3"),
        Step("2s", "BEGIN; UPDATE t SET v=1 WHERE id=1; SELECT pg_sleep(4); COMMIT", "COMMIT"),
        Step("3s", "ALTER TABLE t ADD COLUMN note text", "ALTER TABLE", takes: 2.9...3.3),
        Step("4s", "SELECT count(*) FROM t", "SELECT 1", takes: 1.9...2.3),
        Step("4100ms", "UPDATE t SET v=2 WHERE id=2", "UPDATE 1", takes: 1.8...2.3),
        Step("10s", "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM t; "
          + "SELECT pg_sleep(3); SELECT count(*) FROM t; COMMIT", "COMMIT", takes: 2.9...3.3),
        Step("11s", "DROP TABLE t", "DROP TABLE", takes: 1.9...2.4),
        Step("15s", "CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t VALUES (1,1),(2,2)",
          "INSERT 0 2"),
        Step("16s", "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM t; "
          + "SELECT pg_sleep(3); SELECT 1/(CASE WHEN (SELECT count(*) FROM t)=2 THEN 1 ELSE 0 END); "
          + "COMMIT", "COMMIT", takes: 2.9...3.3),
        Step("17s", "TRUNCATE t", "TRUNCATE TABLE", takes: 1.9...2.4),
        Step("22s", "INSERT INTO t SELECT g,g FROM generate_series(1,4) g", "INSERT 0 4"),
        Step("23s", "SELECT id, pg_sleep(1) FROM t", "SELECT 4", takes: 3.9...4.4),
        Step("24s", "ALTER TABLE t ADD COLUMN q int", "ALTER TABLE", takes: 2.9...3.4),
      ])
  }

  /// Likewise.
  @Test func `of which some lock rows wait as their strengths demand`() throws {
    try Self.check(
      "rows",
      [
        Step("1s", "CREATE TABLE t (id int PRIMARY KEY, v int, k int UNIQUE); "
          + "INSERT INTO t VALUES (1,10,1),(2,20,2),(3,30,3)", "INSERT 0 3"),
        Step("2s", "BEGIN; SELECT * FROM t WHERE id=1 FOR KEY SHARE; SELECT pg_sleep(5); COMMIT",
          "COMMIT"),
        Step("3s", "UPDATE t SET v=v+1 WHERE id=1", "UPDATE 1", takes: 0...0.1),
        Step("3200ms", "SELECT * FROM t WHERE id=1 FOR NO KEY UPDATE NOWAIT", "SELECT 1"),
        Step("3400ms", "SELECT * FROM t WHERE id=1 FOR SHARE NOWAIT", "SELECT 1"),
        Step("3600ms", "SELECT * FROM t WHERE id=1 FOR UPDATE NOWAIT", "55P03"),
        Step("3700ms", "SELECT * FROM t WHERE id=1 FOR UPDATE SKIP LOCKED", "SELECT 0"),
        Step("4s", "UPDATE t SET id=100 WHERE id=1", "UPDATE 1", takes: 2.9...3.3),
        Step("9s", "BEGIN; SELECT * FROM t WHERE id=2 FOR SHARE; SELECT pg_sleep(5); COMMIT",
          "COMMIT"),
        Step("10s", "SELECT * FROM t WHERE id=2 FOR SHARE NOWAIT", "SELECT 1"),
        Step("10200ms", "SELECT * FROM t WHERE id=2 FOR NO KEY UPDATE NOWAIT", "55P03"),
        Step("10400ms", "SELECT * FROM t WHERE id=2 FOR KEY SHARE NOWAIT", "SELECT 1"),
        Step("11s", "DELETE FROM t WHERE id=2", "DELETE 1", takes: 2.9...3.3),
        Step("16s", "BEGIN; UPDATE t SET v=0 WHERE id=3; SELECT pg_sleep(5); COMMIT", "COMMIT"),
        Step("17s", "SELECT * FROM t WHERE id=3 FOR KEY SHARE NOWAIT", "SELECT 1"),
        Step("17200ms", "SELECT * FROM t WHERE id=3 FOR SHARE NOWAIT", "55P03"),
        Step("17400ms", "SELECT 1/(CASE WHEN (SELECT v FROM t WHERE id=3)=30 THEN 1 ELSE 0 END)",
          "SELECT 1"),
        Step("17600ms", "SET lock_timeout='500ms'; UPDATE t SET v=1 WHERE id=3", "55P03",
          takes: 0.45...0.6),
        Step("18500ms", "SET statement_timeout='500ms'; UPDATE t SET v=1 WHERE id=3", "57014",
          takes: 0.45...0.6),
        Step("23s", "BEGIN; SELECT * FROM t WHERE id=3 FOR KEY SHARE; SELECT pg_sleep(3); COMMIT",
          "COMMIT"),
        Step("24s", "UPDATE t SET k=33 WHERE id=3", "UPDATE 1", takes: 1.9...2.3),
        Step("30s", "BEGIN; SAVEPOINT a; UPDATE t SET v=5 WHERE id=3; ROLLBACK TO a; "
          + "SELECT pg_sleep(3); COMMIT", "COMMIT"),
        Step("31s", "SELECT * FROM t WHERE id=3 FOR UPDATE NOWAIT", "SELECT 1"),
      ])
  }

  /// Snapshot isolation would let both of these commit, and neither doctor would be on call.
  @Test func `at SERIALIZABLE are refused, as it is not built`() throws {
    try Self.check(
      "serializable",
      [
        Step("1s", "CREATE TABLE test (id int primary key, value int); "
          + "INSERT INTO test VALUES (1,10),(2,20)", "INSERT 0 2"),
        Step("2s", "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT * FROM test WHERE id IN (1,2); "
          + "SELECT pg_sleep(2); UPDATE test SET value=11 WHERE id=1; COMMIT", "0A000"),
        Step("3s", "SET default_transaction_isolation = 'serializable'; SELECT 1", "0A000"),
        Step("4s", "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE",
          "0A000"),
        Step("5s", on: "r1", "BEGIN ISOLATION LEVEL SERIALIZABLE", "0A000"),
      ])
  }

  /// Whoever has waited for a second looks, and is the victim if the other waits by then.
  @Test func `in a circle are found out a second after the first of them began to wait`() throws {
    try Self.check(
      "deadlock",
      [
        Step("1s", "CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t VALUES (1,1),(2,2); "
          + "CREATE TABLE u (id int)", "CREATE TABLE"),
        Step("2s", "BEGIN; UPDATE t SET v=2 WHERE id=1; SELECT pg_sleep(1); "
          + "UPDATE t SET v=2 WHERE id=2; COMMIT", "40P01", takes: 1.95...2.1),
        Step("2300ms", "BEGIN; UPDATE t SET v=2 WHERE id=2; SELECT pg_sleep(1); "
          + "UPDATE t SET v=2 WHERE id=1; COMMIT", "COMMIT", takes: 1.65...1.8),
        Step("10s", "BEGIN; LOCK TABLE t; SELECT pg_sleep(2); SELECT count(*) FROM u; COMMIT",
          "40P01", takes: 3...3.1),
        Step("10s", "SET deadlock_timeout='3s'; BEGIN; LOCK TABLE u IN ACCESS EXCLUSIVE MODE; "
          + "SELECT pg_sleep(1); SELECT count(*) FROM t; COMMIT", "COMMIT", takes: 3...3.1),
      ])
  }

  @Test func `sleep as long as they are asked to, and VACUUM FULL waits for all`() throws {
    try Self.check(
      "sleep",
      [
        Step("1s", "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)", "INSERT 0 1"),
        Step("2s", "SELECT pg_sleep_for('1500 ms')", "SELECT 1", takes: 1.5...1.6),
        Step("4s", "SELECT pg_sleep_until(clock_timestamp() + interval '2 s')", "SELECT 1",
          takes: 1.9...2.1),
        Step("7s", "BEGIN; SELECT * FROM t; SELECT pg_sleep(3); COMMIT", "COMMIT"),
        Step("7500ms", "VACUUM t", "VACUUM", takes: 0...0.1),
        Step("8s", "VACUUM FULL t", "VACUUM", takes: 1.9...2.1),
        Step("9s", "SELECT count(*) FROM t", "SELECT 1", takes: 0.9...1.1),
      ])
  }

  /// The time that the processor needs is the statement's: under its time-out, and with its locks.
  @Test func `that occupy the processor hold their locks, and end when they are told to`() throws {
    try Self.check(
      "processor",
      [
        Step("1s", "CREATE TABLE t (id int PRIMARY KEY); "
          + "INSERT INTO t SELECT g FROM generate_series(1, 20000) g", "INSERT 0 20000"),
        Step("10s", "SELECT count(*) FROM generate_series(1, 10000000)", "SELECT 1",
          takes: 1.4...1.8),
        Step("10100ms", "SELECT 1", "SELECT 1", takes: 0...0.1),
        Step("15s", "SET statement_timeout = '300ms'; "
          + "SELECT count(*) FROM generate_series(1, 10000000)", "57014", takes: 0.3...0.32),
        Step("20s", "SELECT count(*) FROM t a, (SELECT * FROM t WHERE id <= 500) b WHERE a.id <> b.id",
          "SELECT 1", takes: 1.4...1.8),
        Step("20500ms", "TRUNCATE t", "TRUNCATE TABLE", takes: 0.9...1.3),
        Step("25s", "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 100000) "
          + "SELECT count(*) FROM r", "SELECT 1", takes: 0.01...0.1),
      ])
  }

  // MARK: On a reader

  /// What a reader has to lock in order to go on, a statement there may hold up for 14 s.
  @Test func `on a reader hold up a change of their table, and are cancelled in the end`() throws {
    let result = try Self.check(
      "recovery",
      [
        Step("1s", "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1); "
          + "CREATE TABLE u (id int)", "CREATE TABLE"),
        // One that ends by itself: the change waits for it on the reader alone.
        Step("2s", on: "r1", "BEGIN; SELECT count(*) FROM t; SELECT pg_sleep(5); "
          + "SELECT 1/count(*) FROM t; COMMIT", "COMMIT", takes: 5...5.1),
        Step("3s", "TRUNCATE t", "TRUNCATE TABLE", takes: 0...0.1),
        Step("4s", on: "r1", "SELECT 1/count(*) FROM t", "22012", takes: 3...3.2),
        // Others are not concerned, but see nothing new.
        Step("5s", "INSERT INTO u VALUES (1)", "INSERT 0 1"),
        Step("6s", on: "r1", "SELECT 1/(1-count(*)) FROM u", "SELECT 1", takes: 0...0.1),
        Step("9s", on: "r1", "SELECT 1/count(*) FROM u", "SELECT 1", takes: 0...0.1),
        // Two that would not end in time are cancelled 14 s after the change, which is seen then.
        Step("20s", on: "r1", "BEGIN; SELECT count(*) FROM t; SELECT pg_sleep(300)", "40001",
          takes: 14.9...15.2),
        Step("20s", on: "r1", "BEGIN; SAVEPOINT s; SELECT count(*) FROM t; SELECT pg_sleep(300)",
          "40001", takes: 14.9...15.2),
        Step("21s", "DROP TABLE t", "DROP TABLE", takes: 0...0.1),
        Step("30s", on: "r1", "SELECT count(*) FROM t", "42P01", takes: 4.9...5.2),
        // A lock that is held on the writer is felt on the reader, until it is let go.
        Step("40s", "BEGIN; LOCK TABLE u; SELECT pg_sleep(3); COMMIT", "COMMIT"),
        Step("41s", on: "r1", "SELECT count(*) FROM u", "SELECT 1", takes: 2...2.2),
        Step("41s", on: "r1", "SET lock_timeout = '500ms'; SELECT count(*) FROM u", "55P03",
          takes: 0.45...0.6),
        Step("42s", on: "r1", "BEGIN; LOCK TABLE t IN SHARE MODE", "42P01"),
        Step("42s", on: "r1", "BEGIN; LOCK TABLE u IN SHARE MODE", "25006"),
      ])
    let lag = try #require(result.lag.first { $0.reader == "r1" }).lag.max
    #expect(lag > .seconds(13) && lag < .milliseconds(14_500), "\(lag)")
  }

  @Test func `on a reader that ask for no change are not cancelled`() throws {
    let result = try Self.run(
      "quiet",
      [
        Step("1s", "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)", "INSERT 0 1"),
        Step("2s", on: "r1", "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM t; "
          + "SELECT pg_sleep(8); SELECT 1/count(*) FROM t; COMMIT", "COMMIT"),
        Step("3s", "DELETE FROM t; INSERT INTO t SELECT i FROM generate_series(1, 500) i", "500"),
        Step("4s", "DELETE FROM t", "DELETE 500"),
      ])
    let answers = result.faults.map { String($0.evidence.split(separator: " ").last ?? "") }
    #expect(answers == ["1", "COMMIT", "500", "500"])
  }
}
