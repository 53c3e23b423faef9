import ArgumentParser
import Scenarios

/// A defect that a hidden option plants, to see that what should notice it does.
struct PlantedDefect: ExpressibleByArgument {
  /// Something gets in that differs from process to process.
  static let foreignEntropy = "foreign-entropy"
  let name: String

  init?(argument: String) {
    guard argument == Self.foreignEntropy || RunDefects.known.contains(argument) else { return nil }
    name = argument
  }
}

/// The defects of a run; none, unless somebody tests the tests.
struct DefectOptions: ParsableArguments {
  @Option(name: .customLong("plant"), help: .hidden)
  var planted: [PlantedDefect] = []

  var defects: RunDefects {
    let names = planted.map(\.name)
    var defects = RunDefects(names.filter { $0 != PlantedDefect.foreignEntropy })
    if names.contains(PlantedDefect.foreignEntropy) {
      var outside = SystemRandomNumberGenerator()
      defects.foreignEntropy = outside.next()
    }
    return defects
  }

  /// What hands them on to another process.
  var arguments: [String] { planted.flatMap { ["--plant", $0.name] } }
}
