import ArgumentParser
import Foundation
import Scenarios

/// A defect that a hidden option plants, to see that what should notice it does.
struct PlantedDefect: ExpressibleByArgument {
  /// Something gets in that differs from process to process.
  static let foreignEntropy = "foreign-entropy"
  /// A second thread.
  static let foreignThread = "foreign-thread"
  /// Those that are none of the simulation's.
  static let foreign = [foreignEntropy, foreignThread]
  let name: String

  init?(argument: String) {
    guard (Self.foreign + RunDefects.known).contains(argument) else { return nil }
    name = argument
  }
}

/// The defects of a run; none, unless somebody tests the tests.
struct DefectOptions: ParsableArguments {
  @Option(name: .customLong("plant"), help: .hidden)
  var planted: [PlantedDefect] = []

  var defects: RunDefects {
    let names = planted.map(\.name)
    var defects = RunDefects(names.filter { !PlantedDefect.foreign.contains($0) })
    if names.contains(PlantedDefect.foreignEntropy) {
      var outside = SystemRandomNumberGenerator()
      defects.foreignEntropy = outside.next()
    }
    return defects
  }

  /// Starts a thread that does nothing, if that is planted.
  func startForeignThread() {
    guard planted.contains(where: { $0.name == PlantedDefect.foreignThread }) else { return }
    var thread = pthread_t()
    pthread_create(&thread, nil, { _ in while true { pause() } }, nil)
  }

  /// What hands them on to another process.
  var arguments: [String] { planted.flatMap { ["--plant", $0.name] } }
}
