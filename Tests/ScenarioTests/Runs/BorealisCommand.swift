import Foundation
import Testing

/// The `borealis` executable that was built beside these tests, run as a user would run it, in a folder of
/// its own that goes when this does.
final class BorealisCommand {
  /// What one run of the command came to.
  struct Outcome {
    let exitCode: Int32
    let output: String
    let errors: String
  }

  /// Where the command runs, and where relative paths begin.
  let folder: URL
  private var count = 0

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(
      path: "borealis-tests-\(ProcessInfo.processInfo.globallyUniqueString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
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

  func run(_ arguments: [String]) throws -> Outcome {
    count += 1
    let process = Process()
    let executable = try #require(
      Self.executable, "no executable lies beside the tests: swift build --build-tests makes it")
    process.executableURL = executable
    process.arguments = arguments
    process.currentDirectoryURL = folder
    // Files, not pipes, which fill up.
    let output = try emptyFile(".output-\(count)")
    let errors = try emptyFile(".errors-\(count)")
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    return Outcome(
      exitCode: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
      errors: try String(contentsOf: errors, encoding: .utf8))
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

  func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: folder.appending(path: name).path)
  }

  /// The files of a folder with their bytes, in order of their names.
  func contents(of name: String) throws -> [(name: String, bytes: Data)] {
    let folder = folder.appending(path: name)
    return try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted().map {
      ($0, try Data(contentsOf: folder.appending(path: $0)))
    }
  }
}
