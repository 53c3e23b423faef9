import ArgumentParser
import Foundation
import Scenarios
import Simulation

struct Explore: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Walks through a run, forwards and back, and shows the state of everything.",
    discussion: """
      Reads instants from standard input, one a line, and prints at each what `run --until` prints. \
      Going back takes no run from the beginning: copies of the process stand still along the way, at most \
      \(Checkpoints.limit) of them, close together where the run is now and further apart behind.

      \(ExplorerRequest.manual)
      """)

  @Argument(help: "The scenario to run.", completion: .file(extensions: ["yaml"]))
  var scenario: String

  @Option(
    parsing: .unconditional,
    help: "The seed that fixes the run. Without one: the first that the scenario names.",
    transform: SeedRange.seed)
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "The virtual time from one copy to the next. Without it: 1s.", valueName: "interval"),
    transform: ScenarioInstant.init(parsing:))
  var checkpointEvery: ScenarioInstant?

  @Flag(help: "Show no progress, only states.")
  var quiet = false

  @OptionGroup var planted: DefectOptions

  func run() throws {
    let scenario = try ScenarioFile.read(scenario)
    let seed = seed ?? scenario.run.seeds.lowerBound
    let plan = scenario.unfolded(seed: seed)
    planted.startForeignThread()
    print("scenario \(plan.name)  seed \(seed)  build \(BuildIdentity.name)")
    var checkpoints = try keeper()
    let run = ScenarioRun(
      scenario, file: self.scenario, seed: seed, build: BuildIdentity.name, defects: planted.defects
    )
    let progress = ProgressDisplay(isQuiet: quiet)
    guard run.open({ progress.update($0) }) else {
      progress.finish()
      Terminal.complain("Error: \(self.scenario): the cluster did not open")
      checkpoints.endAll(code: Verdict.unknown.exitCode)
    }
    progress.finish()
    var explorer = Explorer(
      run: run, horizon: plan.run.horizon, interval: checkpointEvery?.sinceStart ?? .seconds(1),
      checkpoints: checkpoints, progress: progress)
    explorer.work()
  }

  /// - Throws: exit code 3, with a message, if this process cannot be copied.
  private func keeper() throws -> Checkpoints {
    do {
      return try Checkpoints()
    } catch {
      Terminal.complain(
        "Error: explore: \(error.localizedDescription); `run --until` shows a state without that")
      throw ExitCode(3)
    }
  }

  func validate() throws {
    if let checkpointEvery, checkpointEvery.sinceStart < .milliseconds(1) {
      throw ValidationError("--checkpoint-every: expected at least 1ms")
    }
  }
}
