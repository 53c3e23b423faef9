import Simulation

extension Scenario {
  /// Something that may happen in a run.
  ///
  /// Each is a file of its own, which says when it happened; its name in ``all`` makes it known.
  public struct Situation: Sendable {
    /// As a scenario writes it.
    public let name: String
    /// Why it cannot happen in any run of a scenario; `nil` if it can. A claim about such a situation would
    /// hold, or fail, by construction, and is refused.
    let impossibility: @Sendable (Scenario) -> String?
    /// Why a run that was watched to its end without a sighting shows nothing; `nil` if it does.
    let blindSpot: @Sendable (Measurement) -> String?
    /// When it happened, in any order, at any time from the very beginning of the run.
    let sightings: @Sendable (Measurement) -> [Sighting]

    init(
      _ name: String, impossibility: @escaping @Sendable (Scenario) -> String? = { _ in nil },
      blindSpot: @escaping @Sendable (Measurement) -> String? = { _ in nil },
      sightings: @escaping @Sendable (Measurement) -> [Sighting]
    ) {
      (self.name, self.impossibility) = (name, impossibility)
      (self.blindSpot, self.sightings) = (blindSpot, sightings)
    }

    /// Every situation that a scenario can name.
    public static let all: [Self] = [
      .failover, .writerRestart, .readerRestart, .writerFenced, .commitInDoubt, .callRefused,
      .scaleUp,
      .scaleDown,
    ]
  }
}

extension Scenario.Situation: Hashable {
  public static func == (lhs: Self, rhs: Self) -> Bool { lhs.name == rhs.name }
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// One time that a situation occurred.
struct Sighting {
  /// Absolute.
  let instant: Instant
  /// What was seen, such as `r1 was promoted for w`.
  let text: String
}

extension Field {
  /// A situation, by its name.
  func situation() throws(ScenarioError) -> Scenario.Situation {
    let name = try text("the name of a situation")
    return try item(
      called: name, kind: "situation", among: Scenario.Situation.all, by: \.name)
  }
}
