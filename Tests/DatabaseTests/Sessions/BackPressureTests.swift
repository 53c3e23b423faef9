import Simulation
import Testing

@testable import Database

/// What sessions do when the log, or their client, does not keep up.
@Suite struct `A session under back-pressure` {
  private static let rows = "SELECT g, 0 FROM generate_series(1, 1500) g"

  /// Every kind of statement that writes many rows, and taking it back.
  @Test(
    arguments: [
      "INSERT INTO big \(Self.rows)",
      "INSERT INTO many SELECT g + 5000, 0 FROM generate_series(1, 1500) g",
      "UPDATE many SET v = id",
      "DELETE FROM many",
      "CREATE INDEX many_v ON many (v)",
      "BEGIN; UPDATE many SET v = id; ROLLBACK",
      "BEGIN; DELETE FROM many; ROLLBACK",
      "ALTER TABLE many ADD COLUMN w int DEFAULT 7",
    ])
  func `writes no further ahead of the log than it may`(statement: String) throws {
    try SessionBench.run { bench in
      let client = try await bench.connect()
      try await client.run("CREATE TABLE big (id int PRIMARY KEY, v int)")
      try await client.run("CREATE TABLE many (id int PRIMARY KEY, v int)")
      bench.store?.limits = (300, 600)
      try await client.run("INSERT INTO many \(Self.rows)")
      let answer = try await client.run(statement)
      #expect(!answer.hasPrefix("Error"), "\(answer)")
      let most = bench.store?.mostUndurable ?? 0
      #expect(most > 300 && most < 400, "\(most) records were not durable")
    }
  }

  @Test func `lets a small transaction go on while a large one waits`() throws {
    try SessionBench.run { bench in
      let (large, small) = (try await bench.connect(), try await bench.connect())
      try await large.run("CREATE TABLE big (id int PRIMARY KEY, v int)")
      // Nothing is ever so little that a large transaction may go on.
      bench.store?.limits = (-1, 1000)
      large.sendQuery("INSERT INTO big \(Self.rows)")
      try await bench.clientProcess.sleep(for: .seconds(1))
      #expect(bench.server?.status.first?.wait == .log)
      #expect(try await small.run("INSERT INTO big VALUES (9000, 0)") == "INSERT 0 1")
      #expect(try await !large.hasAnswer())
      bench.store?.limits = (300, 1000)
      #expect(try await small.run("INSERT INTO big VALUES (9001, 0)") == "INSERT 0 1")
      #expect(try await large.untilReady().contains("INSERT 0 1500"))
    }
  }

  @Test func `is cancelled while it waits for room in the log`() throws {
    try SessionBench.run { bench in
      let client = try await bench.connect()
      try await client.run("CREATE TABLE big (id int PRIMARY KEY, v int)")
      bench.store?.limits = (-1, 1000)
      client.sendQuery("INSERT INTO big \(Self.rows)")
      try await bench.clientProcess.sleep(for: .seconds(1))
      let other = try await TestClient(bench.clientProcess, bench.address)
      other.cancel(client)
      try await bench.clientProcess.sleep(for: .seconds(1))
      bench.store?.limits = (300, 1000)
      bench.store?.onDurable = nil
      let small = try await bench.connect()
      _ = try await small.run("CREATE TABLE other (id int PRIMARY KEY)")
      let answer = try await client.untilReady()
      #expect(answer.contains { $0.contains("57014") }, "\(answer)")
      #expect(try await client.rows("SELECT count(*) FROM big") == ["0"])
    }
  }

  private static let series = "SELECT g, repeat('x', 100) FROM generate_series(1, 20000) g"

  @Test func `waits for a client that does not read, and then sends the rest`() throws {
    try SessionBench.run { bench in
      let (idle, other) = (try await bench.connect(), try await bench.connect())
      idle.sendQuery(Self.series)
      try await bench.clientProcess.sleep(for: .seconds(5))
      let session = bench.server?.status.first
      #expect(session?.wait == .clientWrite)
      #expect(try await other.rows("SELECT 1") == ["1"])
      let rows = try await idle.untilReady().filter { $0.contains("|xxx") }
      #expect(rows.count == 20_000)
    }
  }

  /// As in PostgreSQL, only what ends the session ends that wait.
  @Test func `is terminated though its client does not read`() throws {
    try SessionBench.run { bench in
      let idle = try await bench.connect()
      idle.sendQuery(Self.series)
      try await bench.clientProcess.sleep(for: .seconds(5))
      let other = try await TestClient(bench.clientProcess, bench.address)
      other.cancel(idle)
      try await bench.clientProcess.sleep(for: .seconds(1))
      #expect(bench.server?.sessionCount == 1)
      bench.server?.shutDown()
      try await bench.clientProcess.sleep(for: .seconds(1))
      #expect(bench.server?.sessionCount == 0)
    }
  }
}
