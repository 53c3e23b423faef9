import ArgumentParser
import Simulation

/// Whether a run looks after the invariants of its hot structures at each step.
struct ParanoiaOption: ParsableArguments {
  @Flag(
    help: """
      Look after the invariants of the engine's hot structures at each step, as debug builds do, and stop at the \
      first that does not hold. The run is the same, and slower.
      """)
  var paranoid = false

  func apply() { if paranoid { Paranoia.turnOn() } }

  /// What hands it on to each run of a campaign.
  var arguments: [String] { paranoid ? ["--paranoid"] : [] }
}
