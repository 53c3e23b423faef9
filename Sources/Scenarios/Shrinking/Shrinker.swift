public import Simulation

/// Makes a failing scenario smaller while it fails.
///
/// ```
///            ┌──────────────────────────────────────────────────────────────┐
///   start ──▶│ pass: what is simpler than this?  ──candidates──▶ judge       │──▶ nothing simpler fails
///            │        ▲                                            │        │
///            │        └────────── the first that still fails ◀─────┘        │
///            └──────────────────────────────────────────────────────────────┘
///   passes: claims · instants of faults · faults (ddmin) · workloads (ddmin) · readers (ddmin)
///           · horizon · each fault · each workload · clients · volume · network and disks
/// ```
///
/// Passes come in the order of what they save; when one of them has found something, all have another go.
/// The judge decides what "fails" means, and where and how many at a time candidates are run; which of them is
/// taken depends on their order only, so that the outcome is the same with any number of jobs.
public struct Shrinker {
  /// The place of the first of some candidates that still fails; `nil` if none does.
  public typealias Judge = ([Scenario]) throws -> Int?

  /// How far it has come.
  public struct Progress: Sendable {
    /// Which pass is at work, in words.
    public var pass: String
    /// Candidates that were judged.
    public var judged: Int
    /// The smallest scenario so far that fails.
    public var smallest: Scenario
  }

  /// Candidates that were judged.
  public private(set) var judged = 0
  private var smallest: Scenario
  private let starts: [(fault: String, start: Interval)]
  private let limit: Int
  private let judge: Judge
  private let report: (Progress) -> Void
  /// Fingerprints of candidates that do not fail.
  private var refuted = LookupTable<String, Bool>()

  /// - Parameters:
  ///   - scenario: one that fails.
  ///   - starts: when its faults began in the run that failed, as the scenario counts.
  ///   - limit: of the number of candidates to judge.
  public init(
    _ scenario: Scenario, starts: [(fault: String, start: Interval)] = [], limit: Int = 400,
    report: @escaping (Progress) -> Void = { _ in }, judge: @escaping Judge
  ) {
    (smallest, self.starts, self.limit) = (scenario, starts, limit)
    (self.report, self.judge) = (report, judge)
  }

  /// - Parameter failure: what must stay of the claims and objectives; `nil` keeps all.
  /// - Returns: a scenario that fails, to which no step makes a simpler one that does, unless the limit
  ///   was reached before.
  public mutating func shrink(keeping failure: RunFailure? = nil) throws -> Scenario {
    if let failure { try take("claims", [smallest.claimingOnly(failure)]) }
    try take("instants of faults", [smallest.withFixedInstants(starts)])
    var before: Scenario
    repeat {
      before = smallest
      try remove("faults", \.faults) { $0.keeping(faults: $1) }
      try remove("workloads", \.workloads) { $0.keeping(workloads: $1) }
      try remove("readers", \.cluster.readers) { $0.keeping(readers: $1) }
      for step in ScenarioReduction.all {
        while try take(step.name, step.candidates(smallest)) {}
      }
    } while smallest != before && judged < limit
    return smallest
  }

  /// Goes on with the first candidate that fails.
  ///
  /// - Returns: whether there was one.
  @discardableResult
  private mutating func take(_ pass: String, _ candidates: [Scenario]) throws -> Bool {
    guard let found = try firstFailing(pass, candidates) else { return false }
    smallest = candidates[found]
    report(Progress(pass: pass, judged: judged, smallest: smallest))
    return true
  }

  private mutating func remove<Element>(
    _ pass: String, _ part: KeyPath<Scenario, [Element]>,
    keeping: (Scenario, [Element]) -> Scenario
  ) throws {
    let whole = smallest
    var best = whole
    _ = try DeltaDebugging.minimize(whole[keyPath: part]) { lists in
      let candidates = lists.map { keeping(whole, $0) }
      guard let found = try firstFailing(pass, candidates) else { return nil }
      best = candidates[found]
      report(Progress(pass: pass, judged: judged, smallest: best))
      return found
    }
    smallest = best
  }

  private mutating func firstFailing(_ pass: String, _ candidates: [Scenario]) throws -> Int? {
    var places: [Int] = []
    for (place, candidate) in candidates.enumerated()
    where candidate != smallest && refuted[candidate.digest] == nil && candidate.isValid {
      places.append(place)
    }
    places = Array(places.prefix(max(0, limit - judged)))
    if places.isEmpty { return nil }
    report(Progress(pass: pass, judged: judged, smallest: smallest))
    let found = try judge(places.map { candidates[$0] })
    judged += found.map { $0 + 1 } ?? places.count
    for place in places.prefix(found ?? places.count) {
      refuted[candidates[place].digest] = true
    }
    return found.map { places[$0] }
  }
}

extension Scenario {
  /// Whether a file that says this would be accepted.
  var isValid: Bool { (try? Scenario(yaml: yaml, file: name)) == self }
}
