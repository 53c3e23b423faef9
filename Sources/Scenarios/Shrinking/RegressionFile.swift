public import Simulation

/// A shrunk scenario as a file for the collection of regressions: where it comes from, what is wrong, and how
/// to run it.
public struct RegressionFile {
  private let scenario: Scenario
  private let target: FailureTarget?
  private let margin: FailureMargin?
  private let original: String
  private let seed: UInt64
  private let judged: Int

  /// - Parameters:
  ///   - scenario: the smallest that was found.
  ///   - target: how the original fails; `nil` if only a property says so.
  ///   - margin: how far beyond its bound the smallest is, of an objective.
  ///   - original: the file that failed first.
  ///   - judged: how many candidates were run.
  public init(
    scenario: Scenario, target: FailureTarget?, margin: FailureMargin? = nil, original: String,
    seed: UInt64, judged: Int
  ) {
    (self.scenario, self.target, self.margin) = (scenario, target, margin)
    (self.original, self.seed, self.judged) = (original, seed, judged)
  }

  public var name: String { "\(scenario.name).yaml" }

  public var text: String {
    var text =
      "# The smallest of \(judged) scenarios that fails as \(original) does under seed \(seed)"
    text += target.map { ":\n# \($0.failure)\n" } ?? ".\n"
    if let margin, let first = target?.margin {
      text += "# It was \(margin); of the original, \(first.observed).\n"
    }
    text += "# borealis run \(name) --seed \(seed)\n"
    return text + scenario.yaml
  }
}

extension RunResult {
  /// When its faults began, of those that did.
  public var faultStarts: [(fault: String, start: Interval)] {
    faults.compactMap { fault in fault.start.map { (fault.id, $0.sinceStart) } }
  }
}
