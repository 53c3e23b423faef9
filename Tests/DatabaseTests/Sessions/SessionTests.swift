import Simulation
import Testing

@testable import Database

@Suite struct `A session` {
  /// Of five connections three are kept for the service, which can look after what applications have filled.
  @Test func `is refused to applications before it is to the service`() throws {
    try SessionBench.run(connections: 5) { bench in
      func logIn(_ user: String) async throws -> String {
        let client = try await TestClient(bench.clientProcess, bench.address)
        client.sendStartup([("user", user), ("database", "bank")])
        let answer = try await client.untilReady().last ?? ""
        return answer.hasPrefix("Ready") ? "in" : answer
      }
      #expect(try await logIn("postgres") == "in")
      #expect(try await logIn("postgres") == "in")
      let reserved = try await logIn("postgres")
      #expect(
        reserved.contains("53300") && reserved.contains("remaining connection slots are reserved"))
      for _ in 0..<3 { #expect(try await logIn("rdsadmin") == "in") }
      let full = try await logIn("rdsadmin")
      #expect(full.contains("53300") && full.contains("sorry, too many clients already"))
    }
  }

  @Test func `runs the TPC-B script, prepared`() throws {
    try SessionBench.run { bench in
      let client = try await bench.connect()
      for statement in [
        "CREATE TABLE pgbench_branches (bid int NOT NULL PRIMARY KEY, bbalance int, filler char(88))",
        "CREATE TABLE pgbench_tellers (tid int NOT NULL PRIMARY KEY, bid int, tbalance int, "
          + "filler char(84))",
        "CREATE TABLE pgbench_accounts (aid int NOT NULL PRIMARY KEY, bid int, abalance int, "
          + "filler char(84))",
        "CREATE TABLE pgbench_history (tid int, bid int, aid int, delta int, mtime timestamp, "
          + "filler char(22))",
      ] { #expect(try await client.run(statement) == "CREATE TABLE") }
      #expect(
        try await client.run("INSERT INTO pgbench_branches (bid, bbalance) VALUES (1, 0)")
          == "INSERT 0 1")
      #expect(
        try await client.run(
          "INSERT INTO pgbench_accounts SELECT i, 1, 0, '' FROM generate_series(1, 1000) AS i")
          == "INSERT 0 1000")
      #expect(
        try await client.run(
          "INSERT INTO pgbench_tellers SELECT i, 1, 0 FROM generate_series(1, 10) AS i")
          == "INSERT 0 10")
      let script = [
        ("BEGIN", 0),
        ("UPDATE pgbench_accounts SET abalance = abalance + $1 WHERE aid = $2", 2),
        ("SELECT abalance FROM pgbench_accounts WHERE aid = $1", 1),
        ("UPDATE pgbench_tellers SET tbalance = tbalance + $1 WHERE tid = $2", 2),
        ("UPDATE pgbench_branches SET bbalance = bbalance + $1 WHERE bid = $2", 2),
        (
          "INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) "
            + "VALUES ($1, $2, $3, $4, CURRENT_TIMESTAMP)", 4
        ),
        ("END", 0),
      ]
      for (index, (text, _)) in script.enumerated() {
        client.parse("S_\(index)", text)
        client.sync()
        client.flush()
        #expect(try await client.untilReady() == ["ParseComplete", "Ready I"])
      }
      let values: [[String]] = [
        [], ["-17", "42"], ["42"], ["-17", "3"], ["-17", "1"], ["3", "1", "42", "-17"], [],
      ]
      var answers: [String] = []
      for index in script.indices {
        client.bind("", "S_\(index)", values[index])
        client.execute()
        client.sync()
        client.flush()
        answers.append(try await client.untilReady().dropFirst().joined(separator: ", "))
      }
      #expect(
        answers == [
          "BEGIN, Ready T", "UPDATE 1, Ready T", "-17, SELECT 1, Ready T", "UPDATE 1, Ready T",
          "UPDATE 1, Ready T", "INSERT 0 1, Ready T", "COMMIT, Ready I",
        ])
      #expect(
        try await client.rows("SELECT * FROM pgbench_tellers WHERE tid = 3") == ["3|1|-17|NULL"])
      #expect(
        try await client.rows("SELECT count(*), sum(abalance) FROM pgbench_accounts") == [
          "1000|-17"
        ])
      #expect(
        try await client.rows(
          "SELECT tid, bid, aid, delta, mtime > '2026-01-01' FROM pgbench_history")
          == ["3|1|42|-17|t"])
    }
  }
}
