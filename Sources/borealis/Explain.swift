import ArgumentParser
import Scenarios

struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says in words what a scenario will do, before anything runs.")

  @Argument(help: "The scenario.", completion: .file(extensions: ["yaml"]))
  var scenario: String

  @Flag(help: "Print the resolved plan instead: the scenario with every default filled in.")
  var plan = false

  func run() throws {
    let scenario = try ScenarioFile.read(scenario)
    print(plan ? scenario.yaml : ScenarioExplanation(scenario).text, terminator: "")
  }
}
