import Foundation
import Testing

/// The `borealis` executable that was built beside these tests, run as a user would run it, in a folder of
/// its own that goes when this does.
final class BorealisCommand {
  /// What one run of the command came to.
  struct Outcome {
    /// `nil` if a signal ended it.
    let exitCode: Int32?
    /// The signal that ended it.
    let signal: Int32?
    let output: String
    let errors: String
  }

  /// Where the command runs, and where relative paths begin.
  let folder: URL
  /// The executable as it was in the beginning: whoever builds while a test runs puts another in its place,
  /// and runs of two builds may differ.
  private let program: URL
  private var count = 0

  init() throws {
    let built = try #require(
      Self.executable, "no executable lies beside the tests: swift build --build-tests makes it")
    folder = FileManager.default.temporaryDirectory.appending(
      path: "borealis-tests-\(ProcessInfo.processInfo.globallyUniqueString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    program = folder.appending(path: ".borealis")
    do {
      try FileManager.default.linkItem(at: built, to: program)
    } catch {
      // Another file system.
      try FileManager.default.copyItem(at: built, to: program)
    }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// The build folder is where the test bundle lies: known from how this process was started, or from
  /// its bundles, whichever of them has the executable.
  private static let executable: URL? = {
    let starts =
      [URL(filePath: CommandLine.arguments[0]), Bundle.main.executableURL, Bundle.main.bundleURL]
      + Bundle.allBundles.map(\.bundleURL)
    for start in starts.compactMap({ $0?.resolvingSymlinksInPath() }) {
      // A bundle may be a folder with the executable further down.
      var folder = start
      for _ in 0..<4 {
        folder = folder.deletingLastPathComponent()
        let candidate = folder.appending(path: "borealis")
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: candidate.path, isDirectory: &isFolder),
          !isFolder.boolValue, FileManager.default.isExecutableFile(atPath: candidate.path)
        {
          return candidate
        }
      }
    }
    return nil
  }()

  /// Runs it to its end.
  ///
  /// - Parameters:
  ///   - input: what it reads, line by line.
  ///   - program: another build of it.
  func run(
    _ arguments: [String], input: [String] = [], program: URL? = nil
  ) throws -> Outcome {
    let running = try start(arguments, program: program)
    for line in input { try running.type(line) }
    return try running.outcome()
  }

  /// A run of the command that goes on.
  struct Running {
    let process: Process
    let output: URL
    let errors: URL
    fileprivate let input: FileHandle

    /// Types a line.
    func type(_ line: String) throws { try input.write(contentsOf: Data("\(line)\n".utf8)) }

    /// Waits for its end; there is no more input.
    func outcome() throws -> Outcome {
      try input.close()
      process.waitUntilExit()
      let status = process.terminationStatus
      let isExit = process.terminationReason == .exit
      return Outcome(
        exitCode: isExit ? status : nil, signal: isExit ? nil : status,
        output: try String(contentsOf: output, encoding: .utf8),
        errors: try String(contentsOf: errors, encoding: .utf8))
    }
  }

  func start(_ arguments: [String], program: URL? = nil) throws -> Running {
    count += 1
    let process = Process()
    process.executableURL = program ?? self.program
    process.arguments = arguments
    process.currentDirectoryURL = folder
    // Files, not pipes, which fill up.
    let output = try emptyFile(".output-\(count)")
    let errors = try emptyFile(".errors-\(count)")
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    let input = Pipe()
    process.standardInput = input
    try process.run()
    try input.fileHandleForReading.close()
    return Running(
      process: process, output: output, errors: errors, input: input.fileHandleForWriting)
  }

  /// Another build: the same program, with one more byte that it never reads.
  func otherBuild() throws -> URL {
    let copy = folder.appending(path: "other-build")
    try FileManager.default.copyItem(at: program, to: copy)
    let handle = try FileHandle(forWritingTo: copy)
    try handle.seekToEnd()
    try handle.write(contentsOf: Data([0]))
    try handle.close()
    return copy
  }

  private func emptyFile(_ name: String) throws -> URL {
    let file = folder.appending(path: name)
    try Data().write(to: file)
    return file
  }

  // MARK: Files

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: folder.appending(path: name))
  }

  func read(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  func text(of file: URL) throws -> String { try String(contentsOf: file, encoding: .utf8) }

  func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: folder.appending(path: name).path)
  }

  /// The files of a folder with their bytes, in order of their names.
  func contents(of name: String) throws -> [(name: String, bytes: Data)] {
    let folder = folder.appending(path: name)
    return try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
      .compactMap { name in
        let path = folder.appending(path: name)
        let values = try path.resourceValues(forKeys: [.isDirectoryKey])
        if values.isDirectory == true { return nil }
        return (name, try Data(contentsOf: path))
      }
  }
}
