import Foundation
import InstalledPostgreSQL
import Simulation

/// A PostgreSQL of this machine as the server of logic scripts.
final class PostgreSQLServer: LogicServer {
  let name = "postgres"
  private let server: InstalledPostgreSQL

  /// Makes a database and starts the server.
  init() throws {
    server = try InstalledPostgreSQL(
      for: "logic",
      settings: [
        "fsync=off", "full_page_writes=off", "timezone=UTC", "log_timezone=UTC",
        "deadlock_timeout=10ms", "autovacuum=off", "lc_messages=C", "shared_buffers=16MB",
      ])
  }

  func stop() { server.stop() }

  // MARK: Serving scripts

  /// Gives the next script an empty database.
  func reset() async throws {
    let client = try await administrator()
    for statement in ["DROP DATABASE IF EXISTS bank WITH (FORCE)", "CREATE DATABASE bank"] {
      let answer = try await client.run(statement)
      guard answer.hasSuffix("DATABASE") else {
        throw InstalledPostgreSQL.Failure(command: statement, answer: answer)
      }
    }
    client.terminate()
  }

  /// A session in another database; it is there once the server has started.
  private func administrator() async throws -> TestClient {
    for _ in 0..<500 {
      if let channel = try? await openChannel() {
        let client = TestClient(channel)
        try await client.start([("user", "postgres"), ("database", "postgres")])
        if client.processID != 0 { return client }
      }
      try await sleep(for: .milliseconds(60))
    }
    throw InstalledPostgreSQL.Failure(command: "postgres", answer: "does not start")
  }

  func openChannel() async throws -> any ByteChannel {
    try SocketChannel(path: server.socket)
  }

  func waitUntilBlocked(_ client: TestClient) async throws {
    let administrator = try await administrator()
    for _ in 0..<5_000 where try await !client.hasAnswer() {
      let waiting = try await administrator.rows(
        """
        SELECT wait_event_type IN ('Lock', 'Timeout') FROM pg_stat_activity
        WHERE pid = \(client.processID)
        """)
      if waiting == ["t"] {
        // Let its look for deadlocks pass: the next one to wait must be the one who closes the cycle.
        try await sleep(for: .milliseconds(60))
        break
      }
      try await sleep(for: .milliseconds(2))
    }
    administrator.terminate()
  }

  func sleep(for interval: Interval) async throws {
    usleep(UInt32(clamping: interval.nanoseconds / 1_000))
  }
}
