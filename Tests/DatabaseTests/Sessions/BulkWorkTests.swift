import Simulation
import Testing

@testable import Database

/// What is done row by row for one statement costs CPU time, and leaves others their share of it.
@Suite struct `Work in bulk` {
  /// Runs statements after others have made a table of 20,000 rows; tells the CPU time of each in milliseconds, and
  /// the longest that another session, which asks every five milliseconds, had to wait for an answer meanwhile.
  private static func measure(
    _ statements: [String]
  ) throws -> [(cpu: Int64, longest: Interval)] {
    var results: [(cpu: Int64, longest: Interval)] = []
    try SessionBench.run { bench in
      let client = try await bench.connect()
      let other = try await bench.connect()
      try await client.run("CREATE TABLE big (id int PRIMARY KEY, v int, s text)")
      try await client.run("INSERT INTO big SELECT g, g, 's' FROM generate_series(1, 20000) g")
      for statement in statements {
        // What has been deleted or updated is purged first.
        try await bench.clientProcess.sleep(for: .seconds(2))
        var isOver = false
        let watching = bench.start {
          var longest = Interval.zero
          while !isOver {
            let start = bench.simulation.now
            _ = try await other.run("SELECT 1")
            longest = max(longest, bench.simulation.now - start)
            try await bench.clientProcess.sleep(for: .milliseconds(5))
          }
          return longest
        }
        let before = bench.serverProcess.host.processor.busy
        let answer = try await client.run(statement)
        let busy = bench.serverProcess.host.processor.busy - before
        isOver = true
        let longest = try await watching.value(in: bench.clientProcess).get()
        #expect(!answer.hasPrefix("Error"), "\(statement): \(answer)")
        results.append((busy.nanoseconds / 1_000_000, longest))
      }
    }
    return results
  }

  /// 20,000 rows: 3 µs for an entry of an index, 13 µs for a row that is written, or taken back.
  private static let cases: [(statements: [String], index: Int, cpu: ClosedRange<Int64>)] = [
    (["CREATE INDEX big_v ON big (v)"], 0, 55...90),
    (["BEGIN", "UPDATE big SET v = v + 1", "ROLLBACK"], 1, 255...340),
    (["BEGIN", "UPDATE big SET v = v + 1", "ROLLBACK"], 2, 255...340),
    (
      ["BEGIN", "SAVEPOINT s", "DELETE FROM big", "ROLLBACK TO s", "COMMIT"], 3, 255...340
    ),
    (["ALTER TABLE big ADD COLUMN w int DEFAULT 5"], 0, 255...340),
    (["TRUNCATE big"], 0, 0...20),
  ]

  @Test(arguments: cases.indices)
  func `is charged for as it goes`(index: Int) throws {
    let (statements, place, cpu) = Self.cases[index]
    let (busy, longest) = try Self.measure(statements)[place]
    #expect(cpu.contains(busy), "\(statements[place]): \(busy) ms of CPU time")
    #expect(longest < .milliseconds(5), "\(statements[place]): \(longest)")
  }

  /// The lines come faster than they can be put in: what has not been read waits at the client.
  @Test func `goes on beside others if it is a COPY`() throws {
    try SessionBench.run { bench in
      let client = try await bench.connect()
      let other = try await bench.connect()
      try await client.run("CREATE TABLE big (id int PRIMARY KEY, v int)")
      let before = bench.serverProcess.host.processor.busy
      client.message("Q", TestClient.text("COPY big FROM STDIN"))
      client.flush()
      #expect(try await client.next() == "CopyIn")
      for chunk in 0..<100 {
        let lines = (0..<200).map { "\(chunk * 200 + $0)\t1\n" }.joined()
        client.message("d", Array(lines.utf8))
      }
      client.message("c")
      client.flush()
      var longest = Interval.zero
      for _ in 0..<40 {
        let start = bench.simulation.now
        _ = try await other.run("SELECT 1")
        longest = max(longest, bench.simulation.now - start)
        try await bench.clientProcess.sleep(for: .milliseconds(5))
      }
      #expect(try await client.next() == "COPY 20000")
      let busy = bench.serverProcess.host.processor.busy - before
      #expect(busy > .milliseconds(255) && busy < .milliseconds(340), "\(busy)")
      #expect(longest < .milliseconds(5), "\(longest)")
    }
  }

  /// Half of it has been done when the client gives up.
  @Test func `can be cancelled`() throws {
    try SessionBench.run { bench in
      let client = try await bench.connect()
      try await client.run("CREATE TABLE big (id int PRIMARY KEY, v int)")
      try await client.run("INSERT INTO big SELECT g, g FROM generate_series(1, 20000) g")
      try await client.run("SET statement_timeout = '30ms'")
      for statement in ["CREATE INDEX big_v ON big (v)", "ALTER TABLE big ADD w int DEFAULT 5"] {
        let answer = try await client.run(statement)
        #expect(answer.hasPrefix("Error 57014"), "\(statement): \(answer)")
      }
      try await client.run("SET statement_timeout = 0")
      #expect(try await client.rows("SELECT count(*) FROM big") == ["20000"])
    }
  }
}
