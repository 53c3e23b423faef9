import Simulation
import Testing

@testable import Database

@Suite struct `A conflict with recovery` {
  /// A reader's session that has read a table, and the writer's lock on that.
  private static func run(
    statements: [String], standbyDelay: Interval = SessionServer.standbyDelay,
    _ body: @escaping (SessionBench, TestClient) async throws -> Void
  ) throws {
    try SessionBench.run(standbyDelay: standbyDelay) { bench in
      let client = try await bench.connect()
      try await client.run("CREATE TABLE t (id int PRIMARY KEY)")
      try await client.run("INSERT INTO t VALUES (1)")
      let engine = try #require(bench.engine)
      let server = try #require(bench.server)
      let table = try await engine.existing("t")
      for statement in statements { try await client.run(statement) }
      bench.serverProcess.spawn {
        let locks = ReplayLocks(process: bench.serverProcess, engine: engine, server: server)
        if let number = locks.lock(table.id) {
          try await locks.wait(for: number, since: bench.serverProcess.now)
        }
        locks.unlock(table.id)
      }
      try await body(bench, client)
    }
  }

  private static let lost =
    "Fatal 40001: terminating connection due to conflict with recovery "
    + "DETAIL: User was holding a relation lock for too long."

  @Test func `cancels a statement after fourteen seconds`() throws {
    try Self.run(statements: ["BEGIN", "SELECT * FROM t"]) { bench, client in
      let began = bench.simulation.now
      #expect(
        try await client.run("SELECT pg_sleep(60)")
          == "Error 40001: canceling statement due to conflict with recovery "
          + "DETAIL: User was holding a relation lock for too long.")
      #expect(bench.simulation.now - began >= .seconds(14))
      #expect(bench.simulation.now - began < .milliseconds(14_100))
      let refused = try await client.run("SELECT 1")
      #expect(refused.hasPrefix("Error 25P02"))
      #expect(try await client.run("ROLLBACK") == "ROLLBACK")
      #expect(try await client.rows("SELECT * FROM t") == ["1"])
    }
  }

  @Test(arguments: [
    ["BEGIN", "SELECT * FROM t"], ["BEGIN", "SELECT * FROM t", "SAVEPOINT s"],
  ])
  func `ends a session that is idle`(statements: [String]) throws {
    try Self.run(statements: statements) { bench, client in
      let other = try await bench.connect()
      let began = bench.simulation.now
      #expect(try await other.rows("SELECT * FROM t") == ["1"])
      #expect(bench.simulation.now - began > .milliseconds(13_900))
      #expect(try await client.next() == Self.lost)
      #expect(try await client.next() == nil)
      #expect(bench.server?.sessionCount == 1)
    }
  }

  /// To take back the statement would not free what was locked before the savepoint.
  @Test func `ends a session whose transaction has a savepoint`() throws {
    try Self.run(statements: ["BEGIN", "SELECT * FROM t", "SAVEPOINT s"]) { bench, client in
      let answer = try await client.run("SELECT pg_sleep(60)")
      #expect(answer == Self.lost)
    }
  }

  @Test func `leaves alone who has given the table back`() throws {
    let statements = ["BEGIN", "SAVEPOINT s", "SELECT * FROM t", "ROLLBACK TO s"]
    try Self.run(statements: statements) { bench, client in
      let rows = try await client.rows("SELECT pg_sleep(60)")
      #expect(rows == [""])
      #expect(try await client.run("COMMIT") == "COMMIT")
    }
  }

  @Test func `waits as long as the server is configured to`() throws {
    try Self.run(statements: ["BEGIN", "SELECT * FROM t"], standbyDelay: .milliseconds(1_500)) {
      bench, client in
      let began = bench.simulation.now
      let answer = try await client.run("SELECT pg_sleep(60)")
      #expect(answer.hasPrefix("Error 40001: canceling statement due to conflict with recovery"))
      #expect(bench.simulation.now - began >= .milliseconds(1_500))
      #expect(bench.simulation.now - began < .milliseconds(1_600))
      try await client.run("ROLLBACK")
      #expect(
        try await client.rows("SELECT current_setting('max_standby_streaming_delay')")
          == ["1500ms"])
      #expect(
        try await client.run("SET max_standby_streaming_delay = '1s'")
          == "Error 55P02: parameter \"max_standby_streaming_delay\" cannot be changed now")
    }
  }

  @Test func `waits for a statement that ends in time`() throws {
    try Self.run(statements: ["BEGIN", "SELECT * FROM t"]) { bench, client in
      let began = bench.simulation.now
      let rows = try await client.rows("SELECT pg_sleep(10)")
      #expect(rows == [""])
      #expect(try await client.run("COMMIT") == "COMMIT")
      #expect(bench.simulation.now - began < .milliseconds(10_100))
    }
  }
}
