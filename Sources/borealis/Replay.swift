import ArgumentParser
import Foundation
import Scenarios

struct Replay: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs a saved plan again and compares digest, metrics and verdict.",
    discussion: """
      Exit code 4 says that the two runs of one build differ; 2 that a file of the folder is not what the \
      run wrote, or that another build made it and came to something else.
      """)

  @Argument(help: "The folder that `run` wrote.", completion: .directory)
  var folder: String

  @Flag(help: "Show no progress, only the result.")
  var quiet = false

  @OptionGroup var planted: DefectOptions

  func run() throws {
    let folder = ResultFolder(path: folder)
    let saved = try folder.read()
    print("scenario \(saved.plan.name)  seed \(saved.result.seed)  build \(BuildIdentity.name)")
    let isSameBuild = saved.result.build == BuildIdentity.name
    if !isSameBuild {
      Terminal.complain(
        "Note: the saved run was made by build \(saved.result.build); this is build "
          + "\(BuildIdentity.name), which may differ honestly.")
    }
    let progress = ProgressDisplay(isQuiet: quiet)
    let run = ScenarioRun(
      saved.plan, file: saved.result.scenarioFile, seed: saved.result.seed,
      build: BuildIdentity.name, defects: planted.defects)
    let result = RuntimeAssumptions.confined { run.execute { progress.update($0) } }
    progress.finish()
    let comparison = RunComparison(saved.result, result, names: ("before", "now"))
    for line in comparison.differences { print(line) }
    if comparison.differences.isEmpty {
      print("same digest, metrics and verdict: \(result.verdict.rawValue), \(result.digest)")
    } else if isSameBuild {
      let narrowing = DifferenceNarrowing(
        first: .init(
          name: "before", plan: folder.planPath, seed: result.seed, planted: planted,
          history: saved.history),
        second: .init(
          name: "now", plan: folder.planPath, seed: result.seed, planted: planted,
          history: run.history))
      for line in try narrowing.findings() { print(line) }
      throw ExitCode(Verdict.nondeterministic.exitCode)
    } else {
      print("the saved run: build \(saved.result.build); this one: build \(result.build)")
      throw ExitCode(Verdict.unknown.exitCode)
    }
  }
}
