import ArgumentParser
import Scenarios

struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says in words what a scenario will do, before anything runs.")

  @Argument(help: "The scenario.", completion: .file(extensions: ["yaml"]))
  var scenario: String

  @Option(
    parsing: .unconditional,
    help: "Explain the run of this seed alone, with the faults that chaos draws for it.",
    transform: SeedRange.seed)
  var seed: UInt64?

  @Flag(help: "Print the resolved plan instead: the scenario with every default filled in.")
  var plan = false

  func run() throws {
    var scenario = try ScenarioFile.read(scenario)
    if let seed {
      scenario = scenario.unfolded(seed: seed)
      scenario.run.seeds = seed...seed
    }
    print(plan ? scenario.yaml : ScenarioExplanation(scenario).text, terminator: "")
  }
}
