/// What differs between the results of two runs of one plan and one seed.
public struct RunComparison {
  /// One sentence each, the most telling first; empty if the two are equal.
  public let differences: [String]

  /// The file from which a run was started and the build that ran it are no part of what it found.
  ///
  /// - Parameter names: what to call the two, such as `before` and `now`.
  public init(_ first: RunResult, _ second: RunResult, names: (String, String)) {
    var lines: [String] = []
    func compare<Value: Equatable>(_ what: String, _ path: (RunResult) -> Value) {
      let (one, other) = (path(first), path(second))
      if one != other { lines.append("\(what) differs: \(one) \(names.0), \(other) \(names.1)") }
    }
    compare("seed") { $0.seed }
    compare("verdict") { $0.verdict.rawValue }
    compare("digest") { $0.digest }
    compare("number of events") { $0.eventCount }
    for (one, other) in zip(first.events, second.events) where one != other {
      lines.append(
        "the first line of the report's events that differs: at \(one.instant) \(one.text) "
          + "\(names.0), at \(other.instant) \(other.text) \(names.1)")
      break
    }
    let compared = [
      "scenarioFile", "seed", "build", "planDigest", "verdict", "digest", "eventCount", "events",
    ]
    // A replay runs what the seed has made of the scenario: what else it might have drawn is not known there.
    var (first, second) = (first, second)
    let known = [first, second].map { Set($0.probes.map(\.name)) }
    first.probes.removeAll { !known[1].contains($0.name) }
    second.probes.removeAll { !known[0].contains($0.name) }
    for field in FieldDifference.all(of: first, second, ignoring: compared) {
      lines.append(
        "\(field.path) differs: \(Self.shortened(field.first)) \(names.0), "
          + "\(Self.shortened(field.second)) \(names.1)")
    }
    differences = lines
  }

  private static func shortened(_ text: String) -> String {
    text.count > 100 ? "\(text.prefix(99))…" : text
  }
}
