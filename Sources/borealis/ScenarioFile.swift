import ArgumentParser
import Foundation
import Scenarios

/// Reads scenario files for the commands.
enum ScenarioFile {
  /// - Throws: exit code 2, with one clear message on standard error, if the file cannot be read or is
  ///   not a scenario.
  static func read(_ path: String) throws -> Scenario {
    guard let text = text(at: path) else {
      Terminal.complain("Error: \(shown(path)): \(Self.reason(at: path))")
      throw ExitCode(2)
    }
    do {
      return try Scenario(yaml: text, file: path) { self.text(at: $0) }
    } catch {
      Terminal.complain("Error: \(error)")
      throw ExitCode(2)
    }
  }

  /// A scenario and the file that it was read from.
  struct Found {
    let file: String
    let scenario: Scenario
  }

  /// Reads several files, and every scenario file in folders, in the order of their paths.
  ///
  /// A file of a folder that is no whole scenario, but is extended by one of the others, is left out.
  ///
  /// - Throws: exit code 2, with a line on standard error for each file that is not a scenario.
  static func read(_ paths: [String]) throws -> [Found] {
    var found: [Found] = []
    var complaints: [(file: String, text: String, isListed: Bool)] = []
    var bases: Set<String> = []
    for path in paths {
      let files = try scenarios(in: path)
      for file in files ?? [path] {
        guard !found.contains(where: { $0.file == file }) else { continue }
        guard let text = text(at: file) else {
          complaints.append((file, "\(shown(file)): \(reason(at: file))", true))
          continue
        }
        do {
          let scenario = try Scenario(yaml: text, file: file) { base in
            bases.insert(URL(filePath: base).standardizedFileURL.path)
            return self.text(at: base)
          }
          found.append(Found(file: file, scenario: scenario))
        } catch {
          complaints.append((file, "\(error)", files == nil))
        }
      }
    }
    let errors = complaints.filter { complaint in
      complaint.isListed || !bases.contains(URL(filePath: complaint.file).standardizedFileURL.path)
    }
    guard errors.isEmpty else {
      for error in errors { Terminal.complain("Error: \(error.text)") }
      throw ExitCode(2)
    }
    return found
  }

  /// The scenario files in a folder and the folders below it, by their paths; `nil` if it is no folder.
  private static func scenarios(in path: String) throws -> [String]? {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue
    else { return nil }
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []
    let files = names.filter { name in
      (name.hasSuffix(".yaml") || name.hasSuffix(".yml"))
        && !name.split(separator: "/").contains { $0.hasPrefix(".") }
    }
    guard !files.isEmpty else {
      Terminal.complain("Error: \(path): expected a folder with scenario files, named *.yaml")
      throw ExitCode(2)
    }
    let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
    return files.sorted().map { "\(folder)/\($0)" }
  }

  private static func shown(_ path: String) -> String { path.isEmpty ? "''" : path }

  /// Why there is no text at a path.
  private static func reason(at path: String) -> String {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      return path.isEmpty ? "expected the path of a scenario file" : "there is no such file"
    }
    return isFolder.boolValue
      ? "expected a scenario file, not a folder"
      : "expected a scenario file that can be read, in UTF-8"
  }

  private static func text(at path: String) -> String? {
    try? String(contentsOfFile: path, encoding: .utf8)
  }
}
