import ArgumentParser
import Foundation
import Scenarios

/// Reads scenario files for the commands.
enum ScenarioFile {
  /// - Throws: exit code 2, with one clear message on standard error, if the file cannot be read or is
  ///   not a scenario.
  static func read(_ path: String) throws -> Scenario {
    guard let text = text(at: path) else {
      Terminal.complain("Error: \(path): there is no such file, or it is not UTF-8 text")
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

  private static func text(at path: String) -> String? {
    try? String(contentsOfFile: path, encoding: .utf8)
  }
}
