import ArgumentParser
import Foundation
import Scenarios

struct Replay: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs a saved plan again and compares digest, metrics and verdict.",
    discussion: "Exit code 4 says that the two runs of one build differ.")

  @Argument(help: "The folder that `run` wrote.", completion: .directory)
  var folder: String

  @Flag(help: "Show no progress, only the result.")
  var quiet = false

  func run() throws {
    let folder = ResultFolder(path: folder)
    let saved = try folder.readResult()
    let plan = try ScenarioFile.read(folder.planPath)
    print("scenario \(plan.name)  seed \(saved.seed)  build \(BuildIdentity.name)")
    let isSameBuild = saved.build == BuildIdentity.name
    if !isSameBuild {
      Terminal.complain(
        "Note: the saved run was made by build \(saved.build); another build may differ honestly.")
    }
    let progress = ProgressDisplay(isQuiet: quiet)
    let run = ScenarioRun(
      plan, file: saved.scenarioFile, seed: saved.seed, build: BuildIdentity.name)
    var result = run.execute { progress.update($0) }
    progress.finish()
    let build = result.build
    result.build = saved.build
    let differences = Self.differences(saved, result)
    for line in differences { print(line) }
    if differences.isEmpty {
      print("same digest, metrics and verdict: \(saved.verdict.rawValue), \(saved.digest)")
    } else if isSameBuild {
      throw ExitCode(Verdict.nondeterministic.exitCode)
    } else {
      print("the saved run: build \(saved.build); this one: build \(build)")
      throw ExitCode(Verdict.unknown.exitCode)
    }
  }

  /// What differs, the most telling first.
  private static func differences(_ saved: RunResult, _ replayed: RunResult) -> [String] {
    var lines: [String] = []
    func compare<Value: Equatable>(_ what: String, _ path: (RunResult) -> Value) {
      let (before, after) = (path(saved), path(replayed))
      if before != after { lines.append("\(what) differs: \(before) before, \(after) now") }
    }
    compare("verdict") { $0.verdict.rawValue }
    compare("digest") { $0.digest }
    compare("number of events") { $0.eventCount }
    for (before, after) in zip(saved.events, replayed.events) where before != after {
      lines.append(
        "the first telling event that differs: at \(before.instant) \(before.text) before, "
          + "at \(after.instant) \(after.text) now")
      break
    }
    compare("number of failovers") { $0.failovers.count }
    compare("lost commits") { $0.recoveryPoint.lostCount }
    if lines.isEmpty, saved != replayed { lines.append("a metric differs") }
    return lines
  }
}
