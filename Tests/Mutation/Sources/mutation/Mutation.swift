internal import ArgumentParser

/// Plants mistakes in a copy of the sources and looks for the shipped scenario and seed that finds each.
@main
struct Mutation: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mutation",
    abstract: "Plants mistakes in the sources and tells which of them the shipped scenarios find.",
    discussion: """
      All mistakes go into one program, each behind a switch that an environment variable turns on; without \
      it the program is the shipped one, which is checked first. What was found is kept in a table as soon \
      as it is known: a row that is there is not searched for again.
      """,
    subcommands: [Defects.self, Mutants.self])
}

/// Mistakes that a person has chosen.
struct Defects: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Searches for the mistakes of Defects.yaml.")

  @OptionGroup var options: SearchOptions

  func run() async throws { try await Campaign(options, of: .defect).run() }
}

/// Mistakes that were drawn by lot.
struct Mutants: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Searches for small changes of the code, drawn by lot.")

  @OptionGroup var options: SearchOptions

  func run() async throws { try await Campaign(options, of: .mutant).run() }
}

/// What is searched for, and how long.
struct SearchOptions: ParsableArguments {
  @Option(help: "The root of the package.")
  var root = "."

  @Option(help: "How many seeds of Scenarios/chaos/swarm.yaml are tried.")
  var swarmSeeds = 200

  @Option(help: "How many seeds of every other scenario are tried.")
  var otherSeeds = 10

  @Option(help: "How many searches go on at once: 1 or 2.")
  var jobs = 1

  @Option(parsing: .upToNextOption, help: "Only these, by name.")
  var only: [String] = []

  @Flag(help: "Search again for what is in the table already.")
  var again = false

  @Flag(help: "Search again for what is in the table as a survivor.")
  var survivorsAgain = false

  @Flag(help: "Build, compare the sound program with the shipped one, and search for nothing.")
  var buildOnly = false

  @Option(help: "How many mutants are drawn.")
  var count = 90

  @Option(help: "What decides the draw.")
  var lot: UInt64 = 1

  func validate() throws {
    guard (1...2).contains(jobs) else { throw ValidationError("--jobs: expected 1 or 2") }
    guard swarmSeeds >= 0, otherSeeds >= 0, swarmSeeds + otherSeeds > 0 else {
      throw ValidationError("--swarm-seeds, --other-seeds: expected a seed to try")
    }
  }
}
