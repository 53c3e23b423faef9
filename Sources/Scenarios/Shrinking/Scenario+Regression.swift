import Simulation

/// A failure that is to be looked for: an objective, written on one line.
extension Scenario {
  /// The scenario with one more objective, which fails where a metric goes beyond a limit.
  ///
  /// - Parameter condition: `METRIC [STATISTIC] > QUANTITY` or with `<`, such as
  ///   `failover.client_seen > 20s`. Without a statistic, of a metric with many values: the largest, or
  ///   for `<` the smallest.
  /// - Returns: the scenario, and the way in which it fails where the condition is true.
  /// - Throws: what is wrong with the condition; its place is `--shrink`.
  public func failing(
    when condition: String
  ) throws(ScenarioError) -> (scenario: Scenario, failure: RunFailure) {
    let words = condition.split(separator: " ").map(String.init)
    let position = ScenarioError.Position(file: "--shrink", line: 1, column: 1)
    guard (3...4).contains(words.count), let sign = words.dropLast().last,
      [">", "<"].contains(sign)
    else {
      let problem = ScenarioError.Problem.unexpected(
        found: "'\(condition)'",
        expected: "a metric, perhaps a statistic, > or <, and a quantity, such as "
          + "failover.client_seen max > 20s")
      throw ScenarioError(problem, at: position, place: "")
    }
    func field(_ text: String) throws(ScenarioError) -> Field {
      Field(node: try YAMLNode(parsing: text, file: "--shrink"), place: "")
    }
    let metric = try field(words[0]).metric(in: metricScope)
    let extreme = sign == ">" ? Objective.Statistic.max : .min
    let statistic = words.count == 4 ? words[1] : metric.isSampled ? extreme.rawValue : nil
    let stated = statistic.map { ", stat: \($0)" } ?? ""
    let bound = "\(sign == ">" ? "below" : "above"): \(words[words.count - 1])"
    let objective = try Objective(
      reading: field("{ metric: \(words[0])\(stated), \(bound) }"), scope: metricScope,
      clients: clients.map(\.id))
    var scenario = self
    scenario.objectives = [objective]
    return (scenario, .objective(objective.subject))
  }

  /// What it is called as a regression test of a seed, with that seed alone.
  public func regression(of seed: UInt64) -> Scenario {
    var scenario = self
    let name = "\(name)-seed-\(seed)"
    scenario.name = (try? Scenario(yaml: yaml, file: name)) == nil ? self.name : name
    scenario.run.seeds = seed...seed
    return scenario
  }
}
