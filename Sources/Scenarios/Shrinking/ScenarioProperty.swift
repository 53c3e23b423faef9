/// Something that must be true of a scenario under every seed, for use inside a test.
///
/// ```swift
/// @Test func `loses no commit, whatever dies when`() throws {
///   let property = ScenarioProperty(try Scenario(yaml: text, file: "crashes.yaml"), seeds: 1...20)
///   if let counterexample = property.counterexample() {
///     Issue.record("\(counterexample)")
///   }
/// }
/// ```
///
/// Runs go on in this process, one after another. The first that breaks the property is shrunk: the
/// counterexample is the smallest scenario that was found to break it in the same way, as a file that can be
/// kept and run again.
public struct ScenarioProperty {
  private let scenario: Scenario
  private let seeds: ClosedRange<UInt64>
  private let defects: RunDefects
  private let holds: (RunResult) -> Bool

  /// - Parameters:
  ///   - defects: bugs to plant, for a test of the property itself.
  ///   - holds: the property; without it, that a run does not fail. Where nothing can be concluded, nothing
  ///     is broken.
  public init(
    _ scenario: Scenario, seeds: ClosedRange<UInt64>, defects: RunDefects = RunDefects(),
    holds: @escaping (RunResult) -> Bool = { $0.verdict != .fail }
  ) {
    (self.scenario, self.seeds, self.defects, self.holds) = (scenario, seeds, defects, holds)
  }

  /// How a property was broken.
  public struct Counterexample: CustomStringConvertible {
    public let seed: UInt64
    /// What the seed came to, before anything was shrunk.
    public let result: RunResult
    /// How it fails; `nil` if only the property says so.
    public var failure: RunFailure? { target?.failure }
    let target: FailureTarget?
    let margin: FailureMargin?
    /// The smallest scenario that was found, with the seed as its only one.
    public let scenario: Scenario
    /// Runs that it took to shrink it.
    public let judged: Int

    public var description: String {
      let regression = RegressionFile(
        scenario: scenario, target: target, margin: margin, original: result.scenarioFile,
        seed: seed,
        judged: judged)
      let reasons = result.reasons.map { "  \($0)\n" }.joined()
      return
        "seed \(seed) of \(result.scenarioFile):\n\(reasons)smallest scenario:\n\(regression.text)"
    }
  }

  /// Looks for a seed under which the property does not hold, and shrinks what it finds.
  ///
  /// - Parameter limit: of the number of runs to spend on shrinking.
  /// - Returns: `nil` if it holds under every seed.
  public func counterexample(limit: Int = 200) -> Counterexample? {
    for seed in seeds {
      let result = run(scenario, seed: seed)
      if !holds(result) { return shrink(result, limit: limit) }
    }
    return nil
  }

  private func shrink(_ result: RunResult, limit: Int) -> Counterexample {
    let target = result.waysOfFailing.first.map { FailureTarget($0, in: result) }
    var margin = target?.margin
    var shrinker = Shrinker(
      scenario.unfolded(seed: result.seed), starts: result.faultStarts, limit: limit
    ) { candidates in
      candidates.firstIndex { candidate in
        let other = run(candidate, seed: result.seed)
        guard !holds(other), target?.isMet(by: other) ?? true else { return false }
        margin = target.flatMap { FailureMargin(of: $0.failure, in: other) }
        return true
      }
    }
    // This judge throws nothing.
    let smallest = (try? shrinker.shrink(keeping: target?.failure)) ?? scenario
    return Counterexample(
      seed: result.seed, result: result, target: target, margin: margin,
      scenario: smallest.regression(of: result.seed), judged: shrinker.judged)
  }

  private func run(_ scenario: Scenario, seed: UInt64) -> RunResult {
    ScenarioRun(
      scenario, file: "\(scenario.name).yaml", seed: seed, build: "in process", defects: defects
    ).execute()
  }
}
