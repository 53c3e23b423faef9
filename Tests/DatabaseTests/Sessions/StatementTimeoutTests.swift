import Simulation
import Testing

@Suite struct `A statement's time-out` {
  /// A statement that fits no table yet waits, when it is parsed, for somebody who is making one.
  @Test func `does not run on once the statement is parsed`() throws {
    try SessionBench.run { bench in
      let (client, other) = (try await bench.connect(), try await bench.connect())
      try await other.run("CREATE TABLE t (x int)")
      try await other.run("BEGIN")
      try await other.run("ALTER TABLE t ADD COLUMN y int")
      try await client.run("SET statement_timeout = '1s'")
      client.parse("s", "SELECT y FROM t")
      client.sync()
      client.flush()
      let answer = bench.start { try await client.untilReady() }
      try await bench.clientProcess.sleep(for: .milliseconds(500))
      try await other.run("COMMIT")
      let messages = try await answer.value(in: bench.clientProcess).get()
      #expect(messages == ["ParseComplete", "Ready I"])
      try await bench.clientProcess.sleep(for: .seconds(2))
      #expect(try await client.run("SELECT 1") == "SELECT 1")
    }
  }

  @Test func `ends a sleep that has no end`() throws {
    try SessionBench.run { bench in
      let client = try await bench.connect()
      try await client.run("SET statement_timeout = '1s'")
      let sleeps = Array(repeating: "pg_sleep(1e300)", count: 12).joined(separator: ", ")
      #expect(
        try await client.run("SELECT \(sleeps)")
          == "Error 57014: canceling statement due to statement timeout")
    }
  }
}
