import Foundation
import InstalledPostgreSQL
import Testing

@Suite struct `A logic script` {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Scripts")

  static func scripts() throws -> [LogicScript] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".slt") }.sorted()
      .map { name in
        try LogicScript(
          name: name, text: String(contentsOf: folder.appending(path: name), encoding: .utf8))
      }
  }

  @Test(arguments: try scripts())
  func `is answered by a session as it says`(script: LogicScript) throws {
    try SessionBench.run { bench in
      let runner = LogicRunner(script, on: bench)
      try await runner.run()
      if Self.recordedServer == bench.name {
        try Self.write(runner.recorded { $0.isSkipped(by: "postgres") })
      } else {
        for difference in runner.differences { Issue.record("\(difference)") }
      }
    }
  }

  /// The server whose answers are written into the scripts instead of being compared with them: that of
  /// `BOREALIS_RECORD`. What both servers run is recorded from PostgreSQL alone.
  private static let recordedServer = ProcessInfo.processInfo.environment["BOREALIS_RECORD"]

  private static func write(_ script: LogicScript) throws {
    try script.text.write(
      to: folder.appending(path: script.name), atomically: true, encoding: .utf8)
  }

  /// What scripts expect is what PostgreSQL answers.
  @Test(.enabled(if: InstalledPostgreSQL.isInstalled, "PostgreSQL 15 is not installed"))
  func `is answered by PostgreSQL as it says`() async throws {
    let server = try PostgreSQLServer()
    defer { server.stop() }
    for script in try Self.scripts() {
      try await server.reset()
      let runner = LogicRunner(script, on: server)
      try await runner.run()
      if Self.recordedServer == server.name {
        try Self.write(runner.recorded { _ in true })
      } else {
        for difference in runner.differences { Issue.record("\(difference)") }
      }
    }
  }

  @Test func `is written as it was read`() throws {
    for script in try Self.scripts() {
      #expect(try LogicScript(name: script.name, text: script.text).records == script.records)
    }
  }

  @Test func `notices a planted difference`() throws {
    let text = """
      statement ok
      CREATE TABLE t (x int)

      query I
      SELECT count(*) FROM t
      ----
      1

      statement error 42P01
      SELECT 1
      """
    let script = try LogicScript(name: "planted", text: text)
    try SessionBench.run { bench in
      let runner = LogicRunner(script, on: bench)
      try await runner.run()
      #expect(runner.differences.count == 2)
    }
  }
}
