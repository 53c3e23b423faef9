import ArgumentParser
import Foundation
import Reports
import Scenarios
import Simulation

/// What a run leaves on disk: the report, the resolved plan, the result itself, its course, and a list of
/// the fingerprints of those that `replay` and `diff` trust.
struct ResultFolder {
  let path: String

  private static let planName = "plan.yaml"
  private static let resultName = "result.json"
  private static let historyName = "history.json"
  private static let manifestName = "manifest.txt"

  var planPath: String { "\(path)/\(Self.planName)" }
  var pagePath: String { "\(path)/\(ReportWriter.pageName)" }
  private var resultPath: String { "\(path)/\(Self.resultName)" }
  private var historyPath: String { "\(path)/\(Self.historyName)" }
  private var manifestPath: String { "\(path)/\(Self.manifestName)" }

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
    removeUnfinished()
  }

  /// Takes away the result of an earlier run of the same campaign, so that it cannot be taken for that of
  /// the next.
  func removeResult() {
    for path in [resultPath, "\(path)/\(ChromeTrace.fileName)", "\(path)/\(Self.replayName)"] {
      try? FileManager.default.removeItem(atPath: path)
    }
  }

  /// The folder of a replay that differs.
  static let replayName = "replay-that-differs"

  func remove() { try? FileManager.default.removeItem(atPath: path) }

  /// Removes the folder if there is nothing in it.
  func removeIfEmpty() { rmdir(path) }

  /// Writes a report in the place of an earlier one, which stays whole until all of the new one is there.
  ///
  /// ```
  ///   .unfinished-4711/*  ──rename──▶  *        what others put into the folder stays as it is
  /// ```
  ///
  /// - Parameters:
  ///   - trace: a timeline, if one was asked for.
  ///   - keepsReplay: whether a replay that differs is a part of it.
  /// - Precondition: it was prepared.
  /// - Throws: exit code 3, with a message, if there is no room for it; 2 if a file cannot be replaced.
  func write(
    _ result: RunResult, plan: Scenario, history: RunHistory, trace: String? = nil,
    keepsReplay: Bool = false
  ) throws {
    let staging = "\(path)/\(Self.stagingPrefix)\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: staging) }
    let names: [String]
    do {
      names = try stage(result, plan, history, trace, in: staging)
    } catch {
      let reason = error.localizedDescription
      Terminal.complain("Error: \(path): the report cannot be written: \(reason)")
      throw ExitCode(3)
    }
    if trace == nil {
      try? FileManager.default.removeItem(atPath: "\(path)/\(ChromeTrace.fileName)")
    }
    if !keepsReplay { try? FileManager.default.removeItem(atPath: "\(path)/\(Self.replayName)") }
    for name in names {
      guard rename("\(staging)/\(name)", "\(path)/\(name)") == 0 else {
        let reason = String(cString: strerror(errno))
        throw refusal("\(path)/\(name)", "expected a file that can be replaced: \(reason)")
      }
    }
  }

  /// Writes the files of a report into a folder of their own.
  ///
  /// - Returns: their names.
  private func stage(
    _ result: RunResult, _ plan: Scenario, _ history: RunHistory, _ trace: String?,
    in staging: String
  ) throws -> [String] {
    try FileManager.default.createDirectory(atPath: staging, withIntermediateDirectories: true)
    var names: [String] = []
    var manifest = ""
    func stage(_ data: Data, _ name: String, isSealed: Bool = false) throws {
      try data.write(to: URL(filePath: "\(staging)/\(name)"))
      names.append(name)
      if isSealed { manifest += "\(Self.fingerprint(data))  \(name)\n" }
    }
    for file in ReportWriter(result).files { try stage(Data(file.contents.utf8), file.name) }
    if let trace { try stage(Data(trace.utf8), ChromeTrace.fileName) }
    try stage(Data(plan.yaml.utf8), Self.planName, isSealed: true)
    try stage(Self.encoded(result, isPretty: true), Self.resultName, isSealed: true)
    try stage(Self.encoded(history, isPretty: false), Self.historyName, isSealed: true)
    try stage(Data(manifest.utf8), Self.manifestName)
    return names
  }

  private static let stagingPrefix = ".unfinished-"

  /// Takes away what runs have left that were ended while they wrote.
  private func removeUnfinished() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    for name in names where name.hasPrefix(Self.stagingPrefix) {
      guard let owner = pid_t(name.dropFirst(Self.stagingPrefix.count)), owner > 0,
        kill(owner, 0) != 0, errno == ESRCH
      else { continue }
      try? FileManager.default.removeItem(atPath: "\(path)/\(name)")
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
