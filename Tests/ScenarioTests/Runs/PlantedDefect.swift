import Scenarios
import Testing

/// Something that is wrong with a cluster on purpose, and a schedule under which it matters.
struct PlantedDefect: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// Of the volume, in the defective runs only.
  var volume: [String] = []
  var defects = RunDefects()
  /// What a checker has to find, and what evidence of it says.
  let violated: Invariant
  let evidence: String
  let horizon: String
  let zones: String
  let faults: [String]

  /// The scenario; `isSound` leaves out what is wrong and nothing else.
  func scenario(isSound: Bool) -> TinyScenario {
    TinyScenario(
      name: "planted-defect", horizon: horizon, zones: zones, volume: isSound ? [] : volume,
      faults: faults)
  }

  func run(seed: UInt64, isSound: Bool) throws -> RunResult {
    try scenario(isSound: isSound).run(seed: seed, defects: isSound ? RunDefects() : defects)
  }

  static let all = [
    // An AZ and one node more are away: three copies are left, and with this quorum the writer goes
    // on. Then just those three go, and the other three come back, who have heard of nothing. Never
    // is more away than an AZ and a node.
    PlantedDefect(
      testDescription: "a write quorum of three", volume: ["write_quorum: 3"],
      violated: .noAcknowledgedCommitLost, evidence: "acknowledged commits are missing",
      horizon: "16s", zones: "abc",
      faults: [
        "{ id: c_down, at: 2s +- 500ms, for: 4s, outage: { az: c } }",
        "{ id: b1_down, after: c_down.start, for: 4s, host_crash: { on: \"storage@b[1]\" } }",
        "{ id: a_down, after: c_down.end, for: 5s, outage: { az: a } }",
        "{ id: b0_down, after: c_down.end, for: 5s, host_crash: { on: \"storage@b[0]\" } }",
      ]),
    // The writer is cut off from its storage, goes on acknowledging, and dies.
    PlantedDefect(
      testDescription: "a commit that is acknowledged before the VDL has reached it",
      defects: RunDefects(acknowledgesBeforeDurable: true),
      violated: .noAcknowledgedCommitLost, evidence: "acknowledged commits are missing",
      horizon: "12s", zones: "abc",
      faults: [
        "{ id: cut, at: 2s +- 500ms, for: 2s, partition: { between: [w, storage] } }",
        "{ id: down, after: cut.start + 1500ms, for: 4s, host_crash: { on: w } }",
      ]),
    // The copies in AZ c hear of nothing for a while. Then the power of AZ b goes, the writer's with it,
    // and that of the storage in AZ a for a moment. What was acknowledged meanwhile lay in a and b.
    PlantedDefect(
      testDescription: "storage that acknowledges what it has not flushed",
      defects: RunDefects(storageForgetsFlush: true),
      violated: .noAcknowledgedCommitLost, evidence: "acknowledged commits are missing",
      horizon: "14s", zones: "bac",
      faults: [
        "{ id: c_deaf, at: 2s +- 500ms, for: 3s, isolate: { on: storage@c } }",
        "{ id: a_blinks, after: c_deaf.end, for: 300ms, host_crash: { on: storage@a } }",
        "{ id: b_down, after: c_deaf.end, for: 5s, outage: { az: b } }",
      ]),
  ]
}
