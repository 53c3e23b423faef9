import ArgumentParser
import Scenarios

/// A defect that a hidden option plants, to see that what should notice it does.
enum PlantedDefect: String, ExpressibleByArgument, CaseIterable {
  /// Something gets in that differs from process to process.
  case foreignEntropy = "foreign-entropy"
  case acknowledgesBeforeDurable = "acknowledges-before-durable"
  case storageForgetsFlush = "storage-forgets-flush"
}

/// The defects of a run; none, unless somebody tests the tests.
struct DefectOptions: ParsableArguments {
  @Option(name: .customLong("plant"), help: .hidden)
  var planted: [PlantedDefect] = []

  var defects: RunDefects {
    var defects = RunDefects()
    for defect in planted {
      switch defect {
      case .foreignEntropy:
        var outside = SystemRandomNumberGenerator()
        defects.foreignEntropy = outside.next()
      case .acknowledgesBeforeDurable: defects.acknowledgesBeforeDurable = true
      case .storageForgetsFlush: defects.storageForgetsFlush = true
      }
    }
    return defects
  }

  /// What hands them on to another process.
  var arguments: [String] { planted.flatMap { ["--plant", $0.rawValue] } }
}
