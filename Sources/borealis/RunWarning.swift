import Foundation
import Scenarios

/// Tells what runs may take of this machine before they begin, if that is much.
enum RunWarning {
  /// - Parameters:
  ///   - file: as the user gave it.
  ///   - runs: how many there will be, and how many of them at once.
  static func tell(of scenario: Scenario, file: String, runs: Int = 1, jobs: Int = 1) {
    let available = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    let estimate = ScenarioEstimate(scenario)
    for warning in estimate.warnings(runs: runs, jobs: jobs, available: available) {
      Terminal.complain("Warning: \(file): \(warning)")
    }
  }
}
