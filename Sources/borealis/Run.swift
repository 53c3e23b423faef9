import ArgumentParser
import Foundation
import Reports
import Scenarios

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs a scenario under one seed and writes a report.",
    discussion: "The same scenario, seed and build write the same bytes, always.")

  @Argument(help: "The scenario to run.", completion: .file(extensions: ["yaml"]))
  var scenario: String

  @Option(help: "The seed that fixes the run. Without one: the first that the scenario names.")
  var seed: UInt64?

  @Option(
    name: [.short, .customLong("out")],
    help: ArgumentHelp(
      "Where to write the report. Without one: Reports/ and the scenario's name.",
      valueName: "folder"),
    completion: .directory)
  var output: String?

  @Flag(help: "Show no progress, only the result.")
  var quiet = false

  func run() throws {
    let plan = try ScenarioFile.read(scenario)
    let folder = ResultFolder(path: output ?? "Reports/\(plan.name)")
    try folder.prepare()
    let seed = seed ?? plan.run.seeds.lowerBound
    // Printed first, so that even a crash can be replayed.
    print("scenario \(plan.name)  seed \(seed)  build \(BuildIdentity.name)")
    let progress = ProgressDisplay(isQuiet: quiet)
    let run = ScenarioRun(plan, file: scenario, seed: seed, build: BuildIdentity.name)
    let result = run.execute { progress.update($0) }
    progress.finish()
    try folder.write(result, plan: plan)
    print(TerminalSummary(result, report: folder.pagePath).text, terminator: "")
    if result.verdict != .pass { throw ExitCode(result.verdict.exitCode) }
  }
}
