import ArgumentParser
import Foundation
import Scenarios

/// Reads scenario files for the commands.
enum ScenarioFile {
  /// - Throws: exit code 2, with one clear message on standard error, if the file cannot be read or is
  ///   not a scenario.
  static func read(_ path: String) throws -> Scenario {
    guard let text = text(at: path) else {
      Terminal.complain("Error: \(path): \(Self.reason(at: path))")
      throw ExitCode(2)
    }
    do {
      let folder = URL(filePath: path).deletingLastPathComponent()
      return try Scenario(yaml: text, file: path) { self.text(at: folder.appending(path: $0).path) }
    } catch {
      Terminal.complain("Error: \(error)")
      throw ExitCode(2)
    }
  }

  /// Why there is no text at a path.
  private static func reason(at path: String) -> String {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      return "there is no such file"
    }
    return isFolder.boolValue
      ? "expected a scenario file, not a folder"
      : "expected a scenario file that can be read, in UTF-8"
  }

  private static func text(at path: String) -> String? {
    try? String(contentsOfFile: path, encoding: .utf8)
  }
}
