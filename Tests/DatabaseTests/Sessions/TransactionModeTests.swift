import Testing

@Suite struct `SET TRANSACTION` {
  private static let tooLate =
    "Error 25001: SET TRANSACTION ISOLATION LEVEL must be called before any query"

  @Test func `changes the level before the first query`() throws {
    try SessionBench.run { bench in
      let client = try await bench.connect()
      #expect(try await client.run("BEGIN") == "BEGIN")
      #expect(try await client.run("SET statement_timeout = '1min'") == "SET")
      #expect(try await client.rows("SHOW statement_timeout") == ["1min", "SHOW"])
      #expect(try await client.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ") == "SET")
      #expect(
        try await client.rows("SHOW transaction_isolation") == ["repeatable read", "SHOW"])
      #expect(try await client.run("SET transaction_isolation = 'read uncommitted'") == "SET")
      #expect(try await client.run("COMMIT") == "COMMIT")
      #expect(
        try await client.rows("SHOW transaction_isolation") == ["read committed", "SHOW"])
    }
  }

  @Test func `gives the transaction the snapshot of its level`() throws {
    try SessionBench.run { bench in
      let (client, other) = (try await bench.connect(), try await bench.connect())
      try await other.run("CREATE TABLE t (x int)")
      try await client.run("BEGIN")
      try await client.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
      #expect(try await client.rows("SELECT count(*) FROM t") == ["0"])
      try await other.run("INSERT INTO t VALUES (1)")
      #expect(try await client.rows("SELECT count(*) FROM t") == ["0"])
      try await client.run("COMMIT")
      #expect(try await client.rows("SELECT count(*) FROM t") == ["1"])
    }
  }

  @Test func `keeps its level once a query has run`() throws {
    try SessionBench.run { bench in
      let client = try await bench.connect()
      try await client.run("BEGIN ISOLATION LEVEL REPEATABLE READ")
      try await client.run("SELECT 1")
      #expect(try await client.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ") == "SET")
      #expect(
        try await client.run("SET TRANSACTION ISOLATION LEVEL READ COMMITTED") == Self.tooLate)
      #expect(try await client.run("SELECT 1").hasPrefix("Error 25P02"))
      #expect(try await client.run("ROLLBACK") == "ROLLBACK")
    }
  }

  @Test func `comes before the first query over the extended protocol too`() throws {
    try SessionBench.run { bench in
      let client = try await bench.connect()
      var answers: [String] = []
      for text in [
        "BEGIN", "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "SHOW transaction_isolation",
        "SELECT 1", "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
      ] {
        client.parse("", text)
        client.bind()
        client.execute()
        client.sync()
        client.flush()
        answers += try await client.untilReady().filter { !$0.hasSuffix("Complete") }
      }
      #expect(
        answers == [
          "BEGIN", "Ready T", "SET", "Ready T", "repeatable read", "SHOW", "Ready T", "1",
          "SELECT 1", "Ready T", Self.tooLate, "Ready E",
        ])
    }
  }

  @Test func `has no place in a subtransaction`() throws {
    try SessionBench.run { bench in
      let client = try await bench.connect()
      try await client.run("BEGIN")
      try await client.run("SAVEPOINT a")
      #expect(
        try await client.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
          == "Error 25001: SET TRANSACTION ISOLATION LEVEL must not be called in a subtransaction")
    }
  }
}
