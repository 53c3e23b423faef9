import ArgumentParser
import Foundation
import Reports
import Scenarios
import Simulation

/// What a run leaves on disk: the report, the resolved plan, the result itself, its course, and a list of
/// the fingerprints of those that `replay` and `diff` trust.
struct ResultFolder {
  let path: String

  var planPath: String { "\(path)/plan.yaml" }
  var pagePath: String { "\(path)/\(ReportWriter.pageName)" }
  private var resultPath: String { "\(path)/result.json" }
  private var historyPath: String { "\(path)/history.json" }
  private var manifestPath: String { "\(path)/manifest.txt" }

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

  /// Takes away what an earlier run may have left and the next may not write, so that it cannot be taken for
  /// a part of that.
  func removeResult() {
    for path in [resultPath, "\(path)/\(ChromeTrace.fileName)", "\(path)/\(Self.replayName)"] {
      try? FileManager.default.removeItem(atPath: path)
    }
  }

  /// The folder of a replay that differs.
  static let replayName = "replay-that-differs"

  func remove() { try? FileManager.default.removeItem(atPath: path) }

  /// - Precondition: it was prepared.
  func write(_ result: RunResult, plan: Scenario, history: RunHistory) throws {
    var manifest = ""
    func writeSealed(_ data: Data, to path: String) throws {
      try data.write(to: URL(filePath: path))
      manifest += "\(Self.fingerprint(data))  \(URL(filePath: path).lastPathComponent)\n"
    }
    try writeSealed(Data(plan.yaml.utf8), to: planPath)
    try writeSealed(Self.encoded(result, isPretty: true), to: resultPath)
    try writeSealed(Self.encoded(history, isPretty: false), to: historyPath)
    try Data(manifest.utf8).write(to: URL(filePath: manifestPath))
    for file in ReportWriter(result).files {
      try Data(file.contents.utf8).write(to: URL(filePath: "\(path)/\(file.name)"))
    }
  }

  // MARK: Reading

  /// Everything that a replay needs.
  struct Contents {
    var result: RunResult
    var history: RunHistory
    var plan: Scenario
  }

  /// - Throws: exit code 2, with a message, if there is no result that this program can read, or if a file
  ///   is not what the run wrote.
  func read() throws -> Contents {
    guard FileManager.default.fileExists(atPath: resultPath) else {
      throw refusal(resultPath, "expected the result of a run; \(remedy)")
    }
    for path in [planPath, resultPath, historyPath] { try checkSeal(of: path) }
    let plan = try ScenarioFile.read(planPath)
    guard let result = savedResult else {
      throw refusal(resultPath, "expected the result of a run by this program; \(remedy)")
    }
    guard let data = FileManager.default.contents(atPath: historyPath),
      let history = try? JSONDecoder().decode(RunHistory.self, from: data)
    else { throw refusal(historyPath, "expected the course of a run by this program; \(remedy)") }
    guard result.planDigest == plan.digest else {
      throw refusal(
        planPath,
        "expected the plan that was run, with the fingerprint \(result.planDigest), found one with "
          + "\(plan.digest); \(remedy)")
    }
    return Contents(result: result, history: history, plan: plan)
  }

  /// `nil` if there is no result that this program can read.
  var savedResult: RunResult? {
    guard let data = FileManager.default.contents(atPath: resultPath) else { return nil }
    return try? JSONDecoder().decode(RunResult.self, from: data)
  }

  private var remedy: String { "make one with `borealis run SCENARIO --out \(path)`" }

  /// - Throws: exit code 2, with a message, if the file is not what the run wrote.
  private func checkSeal(of path: String) throws {
    let name = URL(filePath: path).lastPathComponent
    let manifest = (try? String(contentsOfFile: manifestPath, encoding: .utf8)) ?? ""
    let line = manifest.split(separator: "\n").first { $0.hasSuffix("  \(name)") }
    guard let line else {
      throw refusal(manifestPath, "expected the fingerprint of \(name), found none; \(remedy)")
    }
    let expected = line.prefix { $0 != " " }
    let found = FileManager.default.contents(atPath: path).map(Self.fingerprint)
    guard let found else { throw refusal(path, "there is no such file; \(remedy)") }
    guard found == expected else {
      throw refusal(
        path,
        "changed since the run: expected the fingerprint \(expected), found \(found); restore it, or "
          + remedy)
    }
  }

  private func refusal(_ path: String, _ problem: String) -> ExitCode {
    Terminal.complain("Error: \(path): \(problem)")
    return ExitCode(Verdict.unknown.exitCode)
  }

  private static func fingerprint(_ data: Data) -> String {
    BuildIdentity.digest(of: data).hexadecimal
  }

  private static func encoded(_ value: some Encodable, isPretty: Bool) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if isPretty { encoder.outputFormatting.insert(.prettyPrinted) }
    return try encoder.encode(value)
  }
}
