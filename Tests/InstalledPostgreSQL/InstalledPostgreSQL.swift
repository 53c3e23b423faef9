public import Foundation

/// A PostgreSQL of this machine, with data of its own in a temporary folder, that listens in that folder.
public final class InstalledPostgreSQL {
  public struct Failure: Error {
    public let command: String
    public let answer: String

    public init(command: String, answer: String) {
      (self.command, self.answer) = (command, answer)
    }
  }

  /// Holds the data and the socket.
  public let folder: URL
  private let server = Process()

  public static let port = 5432
  public static let database = "postgres"
  /// The user who owns the database; PostgreSQL refuses to be run by the superuser.
  public static let owner = "postgres"

  /// Where the binaries of the version are that the engine speaks like.
  private static let binaries = "/usr/lib/postgresql/15/bin"

  public static var isInstalled: Bool {
    ["postgres", "initdb", "pgbench", "pg_isready"].allSatisfy {
      FileManager.default.isExecutableFile(atPath: "\(binaries)/\($0)")
    }
  }

  /// Makes a database and starts the server, which need not answer yet.
  ///
  /// - Parameters:
  ///   - purpose: becomes part of the folder's name.
  ///   - settings: such as `fsync=off`.
  public init(for purpose: String, settings: [String]) throws {
    folder = FileManager.default.temporaryDirectory.appending(
      path: "borealis-\(purpose)-\(ProcessInfo.processInfo.processIdentifier)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    if getuid() == 0 {
      try FileManager.default.setAttributes(
        [.ownerAccountName: Self.owner, .groupOwnerAccountName: Self.owner],
        ofItemAtPath: folder.path)
    }
    let data = folder.appending(path: "data").path
    _ = try run(
      "initdb",
      ["-D", data, "-U", Self.owner, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"])
    var arguments = ["-D", data, "-k", folder.path, "-p", "\(Self.port)"]
    for setting in ["listen_addresses=", "log_min_messages=fatal"] + settings {
      arguments += ["-c", setting]
    }
    prepare(server, "postgres", arguments)
    server.standardOutput = FileHandle.nullDevice
    try server.run()
  }

  public var processIdentifier: Int32 { server.processIdentifier }
  public var socket: String { folder.appending(path: ".s.PGSQL.\(Self.port)").path }

  /// Runs one of PostgreSQL's client programs to its end, on the server's database.
  ///
  /// - Returns: what it printed.
  public func runClient(_ command: String, _ arguments: String...) throws -> String {
    try run(
      command, ["-h", folder.path, "-p", "\(Self.port)", "-U", Self.owner] + arguments)
  }

  private func run(_ command: String, _ arguments: [String]) throws -> String {
    let process = Process()
    let output = Pipe()
    prepare(process, command, arguments)
    process.standardOutput = output
    try process.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let text = String(decoding: bytes, as: UTF8.self)
    guard process.terminationStatus == 0 else {
      throw Failure(command: command, answer: "status \(process.terminationStatus): \(text)")
    }
    return text
  }

  private func prepare(_ process: Process, _ command: String, _ arguments: [String]) {
    var words = ["\(Self.binaries)/\(command)"] + arguments
    if getuid() == 0 {
      words =
        ["/usr/bin/setpriv", "--reuid=\(Self.owner)", "--regid=\(Self.owner)", "--clear-groups"]
        + words
    }
    process.executableURL = URL(filePath: words[0])
    process.arguments = Array(words.dropFirst())
    process.currentDirectoryURL = URL(filePath: "/")
    process.standardError = FileHandle.nullDevice
  }

  /// Ends the server, at once, and takes away what it wrote.
  public func stop() {
    if server.isRunning {
      server.interrupt()
      server.waitUntilExit()
    }
    try? FileManager.default.removeItem(at: folder)
  }
}
