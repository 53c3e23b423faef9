import Foundation
import Scenarios
import Testing

/// Something that is wrong with a cluster on purpose, and a schedule under which it matters.
struct PlantedDefect: Sendable, CustomTestStringConvertible {
  let name: String
  let scenario: TinyScenario
  /// Of the volume, in the defective runs only.
  var volume: [String] = []
  /// The invariant that it breaks: the run must fail for that one, whatever else comes of it.
  var breaks: Invariant?

  var testDescription: String { name }

  /// How a run ended that a process of its own made.
  enum Ending: Equatable {
    case passed
    /// For these reasons, the first of which the verdict names first.
    case failed(because: [String])
    /// The engine noticed by itself that something was impossible.
    case trapped
    /// Neither: the run proves nothing.
    case unknown(because: String)

  }

  /// Why a run shows the defect; `nil` if it does not.
  func proof(in ending: Ending) -> String? {
    switch ending {
    case .failed(let reasons):
      guard let breaks else { return reasons.first }
      return reasons.first { $0.contains("\(breaks.label):") || $0.contains("\(breaks.label),") }
    case .trapped: return breaks == nil ? "trapped" : nil
    case .passed, .unknown: return nil
    }
  }

  /// - Parameter isSound: leaves out what is wrong and nothing else.
  func run(seed: UInt64, isSound: Bool) throws -> Ending {
    let command = try BorealisCommand()
    var scenario = scenario
    if !isSound { scenario.volume = volume }
    try command.write(scenario.yaml, to: scenario.file)
    var arguments = ["run", scenario.file, "--seed", "\(seed)", "--out", "out", "--quiet"]
    if !isSound, volume.isEmpty { arguments += ["--plant", name] }
    let running = try command.start(arguments)
    running.process.waitUntilExit()
    guard running.process.terminationReason == .exit else { return .trapped }
    let reasons = Self.reasons(in: try String(contentsOf: running.output, encoding: .utf8))
    return switch running.process.terminationStatus {
    case 0: .passed
    case 1: .failed(because: reasons)
    default:
      .unknown(
        because: (reasons.first ?? "")
          + (try String(contentsOf: running.errors, encoding: .utf8)))
    }
  }

  /// The lines under the verdict's that are set in.
  private static func reasons(in output: String) -> [String] {
    let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
    guard let verdict = lines.firstIndex(where: { $0.hasPrefix("FAIL") || $0.hasPrefix("UNKNOWN") })
    else { return [] }
    return lines[(verdict + 1)...].drop { $0.isEmpty }.prefix { $0.hasPrefix(" ") }
      .map { $0.trimmingCharacters(in: .whitespaces) }
  }

  /// How many seeds it takes from this one on until a run shows it, and how; `nil` if fifty are not enough.
  func search(from first: UInt64) throws -> (count: Int, proof: String)? {
    for count in 1...50 {
      let ending = try run(seed: first + UInt64(count) - 1, isSound: false)
      if let proof = proof(in: ending) { return (count, proof) }
    }
    return nil
  }

  private init(
    _ name: String, volume: [String] = [], breaks: Invariant? = nil, _ scenario: TinyScenario
  ) {
    (self.name, self.volume, self.breaks) = (name, volume, breaks)
    self.scenario = scenario
  }

  // MARK: Schedules

  private static func schedule(
    _ horizon: String, _ zones: String, _ faults: [String], eventually: [String] = []
  ) -> TinyScenario {
    TinyScenario(
      name: "planted-defect", horizon: horizon, zones: zones, faults: faults,
      eventually: eventually)
  }

  /// The writer is cut off from its storage, goes on if it may, and dies.
  private static let cutOffAndDead = schedule(
    "12s", "abc",
    [
      "{ id: cut, at: 2s +- 500ms, for: 2s, partition: { between: [w, storage] } }",
      "{ id: down, after: cut.start + 1500ms, for: 4s, host_crash: { on: w } }",
    ])

  /// The copies in AZ c hear of nothing for a while. Then the power of AZ b goes, the writer's with it,
  /// and something happens to the storage in AZ a. What was acknowledged meanwhile lay in a and b.
  private static func twoOfThree(_ strike: String) -> TinyScenario {
    schedule(
      "16s", "bac",
      [
        "{ id: c_deaf, at: 2s +- 500ms, for: 3s, isolate: { on: storage@c } }",
        "{ id: a_struck, after: c_deaf.end, for: 300ms, \(strike): { on: storage@a } }",
        "{ id: b_down, after: c_deaf.end, for: 5s, outage: { az: b } }",
      ])
  }

  /// The writer's host dies and stays away for long.
  private static let writerGone = schedule(
    "14s", "abc", ["{ id: down, at: 2s +- 500ms, for: 9s, host_crash: { on: w } }"],
    eventually: ["{ after: down.start, within: 8s, that: writes_ok }"])

  /// Many transactions at a time, on the same few rows.
  private static func crowd(
    _ faults: [String] = ["{ id: down, at: 1s, for: 1s, host_crash: { on: r2 } }"],
    horizon: String = "6s", isolation: String = "read committed", with workloads: [String] = []
  ) -> TinyScenario {
    var scenario = schedule(horizon, "abc", faults)
    (scenario.arrivals, scenario.connections) = ("poisson(60/s)", 8)
    (scenario.isolation, scenario.claimedIsolation) = (isolation, isolation)
    scenario.moreWorkloads = workloads
    return scenario
  }

  // MARK: The suite

  static let all = [
    // An AZ and one node more are away: three copies are left, and with this quorum the writer goes
    // on. Then just those three go, and the other three come back, who have heard of nothing. Never
    // is more away than an AZ and a node.
    PlantedDefect(
      "volume.write_quorum_of_three", volume: ["write_quorum: 3"],
      breaks: .noAcknowledgedCommitLost,
      schedule(
        "16s", "abc",
        [
          "{ id: c_down, at: 2s +- 500ms, for: 4s, outage: { az: c } }",
          "{ id: b1_down, after: c_down.start, for: 4s, host_crash: { on: \"storage@b[1]\" } }",
          "{ id: a_down, after: c_down.end, for: 5s, outage: { az: a } }",
          "{ id: b0_down, after: c_down.end, for: 5s, host_crash: { on: \"storage@b[0]\" } }",
        ])),
    PlantedDefect(
      "volume.acknowledges_before_durable", breaks: .noAcknowledgedCommitLost, cutOffAndDead),
    PlantedDefect(
      "volume.forgets_flush", breaks: .noAcknowledgedCommitLost, twoOfThree("host_crash")),
    PlantedDefect(
      "volume.trusts_blank_disks", breaks: .noAcknowledgedCommitLost, twoOfThree("host_loss")),
    PlantedDefect(
      "volume.acknowledges_past_holes", breaks: .noAcknowledgedCommitLost,
      schedule(
        "14s", "abc",
        [
          "{ id: thin, at: 2s +- 500ms, for: 3s, loss: { between: [w, storage], share: 60% } }",
          "{ id: mute, at: 1s, for: 4s, partition: { between: [storage, storage] } }",
          "{ id: down, after: thin.start + 2s, for: 5s, host_crash: { on: w } }",
        ])),
    PlantedDefect(
      "volume.trusts_the_wire", breaks: .copiesAgree,
      schedule(
        "8s", "abc",
        [
          "{ id: noise, at: 1s, for: 4s, corrupt: { between: [w, storage], share: 20%, escaping: 100% } }"
        ])),
    // The old writer hears nothing of the failover, and clients that come anew work with the next one. Those that
    // have stayed find out only if it is refused what it writes.
    PlantedDefect(
      "volume.ignores_fence", breaks: .singleWriter,
      {
        var scenario = schedule(
          "16s", "abc",
          ["{ id: unheard, at: 2s +- 500ms, for: 12s, partition: { between: [w, control-plane] } }"]
        )
        // Sessions take turns, and each connects when it has its first.
        scenario.connections = 40
        return scenario
      }()),
    PlantedDefect(
      "volume.never_gossips",
      schedule(
        "12s", "abc", ["{ id: deaf, at: 2s, for: 2s, isolate: { on: storage@c } }"],
        eventually: ["{ after: deaf.end, within: 6s, that: all_copies_complete }"])),
    PlantedDefect(
      "volume.never_sends_again",
      schedule(
        "12s", "abc", ["{ id: cut, at: 2s, for: 1s, partition: { between: [w, storage] } }"],
        eventually: ["{ after: cut.end, within: 6s, that: writes_ok }"])),

    PlantedDefect(
      "database.commits_without_waiting", breaks: .noAcknowledgedCommitLost, cutOffAndDead),
    PlantedDefect("database.sees_uncommitted", breaks: .bankTotalConstant, crowd()),
    PlantedDefect(
      "database.rolls_back_all_but_one", breaks: .rolledBackLeavesNothing,
      crowd(
        (1...4).map { "{ id: cut\($0), at: \($0)s, for: 200ms, reset: { between: [app, w] } }" })),
    PlantedDefect(
      "database.keeps_interrupted", breaks: .bankTotalConstant,
      crowd(["{ id: down, at: 2s +- 1s, crash: { on: w } }"], horizon: "8s")),
    PlantedDefect(
      "database.reader_skips_records", breaks: .bankTotalConstant,
      {
        var scenario = crowd()
        scenario.auditsReaders = true
        return scenario
      }()),
    PlantedDefect(
      "database.snapshots_move", breaks: .isolation, crowd(isolation: "repeatable read")),

    PlantedDefect(
      "database.updates_from_snapshot", breaks: .tpcbSumsAgree, crowd()),
    PlantedDefect(
      "database.checks_nothing_twice", breaks: .noLostUpdate,
      crowd(with: ["id: counters, mix: counters, counters: 2"])),
    PlantedDefect(
      "database.keeps_first_of_savepoint", breaks: .partialRollbackExact,
      crowd(with: ["id: parts, mix: savepoints"])),
    PlantedDefect(
      "database.ignores_taken_keys", breaks: .uniqueKeysHold,
      crowd(with: ["id: names, mix: registry"])),
    PlantedDefect(
      "database.keeps_one_index", breaks: .indexesAgreeWithTables,
      crowd(with: ["id: names, mix: registry"])),
    PlantedDefect(
      "database.rolls_back_a_hundred", breaks: .largeTransactionsWhole,
      crowd(with: ["id: batches, mix: batches"])),
    PlantedDefect(
      "database.skips_first_of_batch", breaks: .definitionsAreAtomic,
      crowd(with: ["id: tables, mix: definitions"])),
    // Two who share a lock, and one who wants it for himself, when the first of them lets go.
    PlantedDefect(
      "database.grants_beside_others",
      crowd(with: ["id: counters, mix: counters, counters: 1", "id: names, mix: registry"])),
    // Whoever finds such an entry sees that there is no row: no client notices.
    PlantedDefect(
      "database.leaves_entries_live", breaks: .structuresSound,
      crowd(with: ["id: names, mix: registry"])),
    PlantedDefect(
      "database.drops_late_redo", breaks: .cachesAgree,
      {
        var scenario = crowd()
        scenario.auditsReaders = true
        return scenario
      }()),
    PlantedDefect(
      "database.keeps_replaced_trees", breaks: .nothingIsLeftOver,
      crowd(with: ["id: tables, mix: definitions"])),
    PlantedDefect(
      "database.purges_under_views", breaks: .snapshotsStandStill,
      crowd(with: ["id: reports, mix: reports"])),
    PlantedDefect(
      "database.goes_on_after_errors", breaks: .answersHold,
      crowd(with: ["id: impatient, mix: impatient"])),
    // Who waits too long for another's lock meets a deadlock, and then statements that are unknown.
    PlantedDefect(
      "database.forgets_prepared", breaks: .errorsAreExplained,
      crowd(horizon: "8s", isolation: "repeatable read")),

    PlantedDefect("control.never_suspects", breaks: .failoverIsPrompt, writerGone),
    PlantedDefect(
      "control.forgets_its_record", breaks: .termsAreUnique,
      schedule(
        "14s", "abc",
        [
          "{ id: down, at: 2s +- 500ms, for: 3s, host_crash: { on: w } }",
          "{ id: away, after: down.end + 1s, crash: { on: control-plane } }",
        ])),
    PlantedDefect(
      "control.keeps_answers", breaks: .namesAreFresh,
      schedule(
        "16s", "abc", ["{ id: down, at: 2s +- 500ms, for: 13s, host_crash: { on: w } }"])),
    PlantedDefect("control.renames_early", breaks: .endpointFollowsWriter, writerGone),
    PlantedDefect("control.never_renames", writerGone),
    PlantedDefect("control.agents_disobey", writerGone),

    PlantedDefect(
      "kernel.partitions_never_heal",
      schedule(
        "12s", "abc", ["{ id: deaf, at: 2s, for: 2s, isolate: { on: storage@c } }"],
        eventually: ["{ after: deaf.end, within: 6s, that: all_copies_complete }"])),
    PlantedDefect(
      "kernel.errors_are_silent", breaks: .noAcknowledgedCommitLost,
      schedule(
        "16s", "bac",
        [
          "{ id: worn, at: 1s, for: 4s, disk: { on: storage, fail: 90% } }",
          "{ id: c_deaf, at: 2s +- 500ms, for: 3s, isolate: { on: storage@c } }",
          "{ id: a_struck, after: c_deaf.end, for: 300ms, host_crash: { on: storage@a } }",
          "{ id: b_down, after: c_deaf.end, for: 5s, outage: { az: b } }",
        ])),
    PlantedDefect(
      "kernel.flush_misses_newest", breaks: .noAcknowledgedCommitLost, twoOfThree("host_crash")),
  ]
}
