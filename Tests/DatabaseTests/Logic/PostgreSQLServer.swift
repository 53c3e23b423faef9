import Foundation
import Simulation

/// A PostgreSQL of this machine, with data of its own in a temporary folder, that listens in that folder.
final class PostgreSQLServer: LogicServer {
  struct Failure: Error {
    let command: String
    let answer: String
  }

  let name = "postgres"
  private let folder: URL
  private let process = Foundation.Process()
  private static let port = 5432

  /// Where the binaries of the version are that the engine speaks like.
  private static let binaries = "/usr/lib/postgresql/15/bin"

  static var isInstalled: Bool {
    FileManager.default.isExecutableFile(atPath: "\(binaries)/postgres")
      && FileManager.default.isExecutableFile(atPath: "\(binaries)/initdb")
  }

  /// Makes a database and starts the server.
  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(
      path: "borealis-logic-\(ProcessInfo.processInfo.processIdentifier)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    // PostgreSQL refuses to be run by the superuser.
    if getuid() == 0 {
      try FileManager.default.setAttributes(
        [.ownerAccountName: "postgres", .groupOwnerAccountName: "postgres"],
        ofItemAtPath: folder.path)
    }
    let data = folder.appending(path: "data").path
    let initialize = Foundation.Process()
    try Self.start(
      initialize, "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
      "--no-locale", "--no-sync")
    initialize.waitUntilExit()
    guard initialize.terminationStatus == 0 else {
      throw Failure(command: "initdb", answer: "status \(initialize.terminationStatus)")
    }
    var arguments = ["-D", data, "-k", folder.path, "-p", "\(Self.port)"]
    for setting in [
      "listen_addresses=", "fsync=off", "full_page_writes=off", "timezone=UTC",
      "log_timezone=UTC", "deadlock_timeout=10ms", "autovacuum=off", "log_min_messages=fatal",
      "lc_messages=C", "shared_buffers=16MB",
    ] { arguments += ["-c", setting] }
    try Self.start(process, "postgres", arguments)
  }

  private static func start(
    _ process: Foundation.Process, _ command: String, _ arguments: String...
  ) throws { try start(process, command, arguments) }

  private static func start(
    _ process: Foundation.Process, _ command: String, _ arguments: [String]
  ) throws {
    var words = ["\(binaries)/\(command)"] + arguments
    if getuid() == 0 {
      words =
        ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] + words
    }
    process.executableURL = URL(filePath: words[0])
    process.arguments = Array(words.dropFirst())
    process.currentDirectoryURL = URL(filePath: "/")
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
  }

  /// Ends the server, at once, and takes away what it wrote.
  func stop() {
    if process.isRunning {
      process.interrupt()
      process.waitUntilExit()
    }
    try? FileManager.default.removeItem(at: folder)
  }

  // MARK: Serving scripts

  /// Gives the next script an empty database.
  func reset() async throws {
    let client = try await administrator()
    for statement in ["DROP DATABASE IF EXISTS bank WITH (FORCE)", "CREATE DATABASE bank"] {
      let answer = try await client.run(statement)
      guard answer.hasSuffix("DATABASE") else { throw Failure(command: statement, answer: answer) }
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
      try await sleep(for: .milliseconds(20))
    }
    throw Failure(command: "postgres", answer: "does not start")
  }

  func openChannel() async throws -> any ByteChannel {
    try SocketChannel(path: folder.appending(path: ".s.PGSQL.\(Self.port)").path)
  }

  func waitUntilBlocked(_ client: TestClient) async throws {
    let administrator = try await administrator()
    for _ in 0..<500 where try await !client.hasAnswer() {
      let waiting = try await administrator.rows(
        """
        SELECT wait_event_type IN ('Lock', 'Timeout') FROM pg_stat_activity
        WHERE pid = \(client.processID)
        """)
      if waiting == ["t"] {
        // Let its look for deadlocks pass: the next one to wait must be the one who closes the cycle.
        try await sleep(for: .milliseconds(20))
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
