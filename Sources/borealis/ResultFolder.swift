import ArgumentParser
import Foundation
import Reports
import Scenarios

/// What a run leaves on disk: the report, the resolved plan, and the result itself.
struct ResultFolder {
  let path: String

  var planPath: String { "\(path)/plan.yaml" }
  var pagePath: String { "\(path)/\(ReportWriter.pageName)" }
  private var resultPath: String { "\(path)/result.json" }

  /// Makes the folder, before anything runs.
  ///
  /// - Throws: exit code 3, with a message, if that cannot be done.
  func prepare() throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      Terminal.complain("Error: \(path): expected a folder that can be made and written to")
      throw ExitCode(3)
    }
    guard FileManager.default.isWritableFile(atPath: path) else {
      Terminal.complain("Error: \(path): expected a folder that can be written to")
      throw ExitCode(3)
    }
  }

  /// Takes away the result of an earlier run, so that it cannot be taken for that of the next.
  func removeResult() { try? FileManager.default.removeItem(atPath: resultPath) }

  /// - Precondition: it was prepared.
  func write(_ result: RunResult, plan: Scenario) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try encoder.encode(result).write(to: URL(filePath: resultPath))
    try Data(plan.yaml.utf8).write(to: URL(filePath: planPath))
    for file in ReportWriter(result).files {
      try Data(file.contents.utf8).write(to: URL(filePath: "\(path)/\(file.name)"))
    }
  }

  /// - Throws: exit code 2, with a message, if there is no result that this program can read.
  func readResult() throws -> RunResult {
    if let savedResult { return savedResult }
    Terminal.complain(
      "Error: \(resultPath): expected the result of a run by this program; make one with "
        + "`borealis run SCENARIO --out \(path)`")
    throw ExitCode(2)
  }

  /// `nil` if there is no result that this program can read.
  var savedResult: RunResult? {
    guard let data = FileManager.default.contents(atPath: resultPath) else { return nil }
    return try? JSONDecoder().decode(RunResult.self, from: data)
  }
}
