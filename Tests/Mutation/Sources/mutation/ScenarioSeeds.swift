internal import Foundation

/// A seed of a shipped scenario.
struct Trial: Hashable, Sendable {
  /// From the root of the package.
  let scenario: String
  let seed: Int
}

/// The shipped scenarios, in the order in which they are tried.
enum ShippedScenarios {
  static let swarm = "Scenarios/chaos/swarm.yaml"

  static func trials(root: URL, swarmSeeds: Int, otherSeeds: Int) throws -> [Trial] {
    let folder = root.appending(path: "Scenarios").path
    let others = try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
      .filter { $0.hasSuffix(".yaml") }.map { "Scenarios/\($0)" }.filter { $0 != swarm }
    var trials: [Trial] = []
    if swarmSeeds > 0 { trials += (1...swarmSeeds).map { Trial(scenario: swarm, seed: $0) } }
    // Seed by seed, so that each scenario has its turn early.
    if otherSeeds > 0 {
      for seed in 1...otherSeeds { trials += others.map { Trial(scenario: $0, seed: seed) } }
    }
    return trials
  }
}
