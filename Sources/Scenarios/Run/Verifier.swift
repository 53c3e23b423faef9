import Database
import Simulation

/// Reads the end state through SQL, as a user would, and lets the invariants be judged.
final class Verifier {
  private(set) var isDone = false
  private let world: World
  private let scripts: [(mix: String, script: any TransactionScript)]
  private let workloads: [WorkloadRecord]
  private let origin: Instant
  private var reading: EndState.Reading?

  /// - Parameter origin: the instant that the scenario calls zero.
  init(
    world: World, scripts: [(mix: String, script: any TransactionScript)],
    workloads: [WorkloadRecord], origin: Instant
  ) {
    (self.world, self.scripts, self.workloads, self.origin) = (world, scripts, workloads, origin)
  }

  /// Sessions that are still waiting for an answer have this long to get one.
  private static let grace = Interval.seconds(20)
  /// Purge has so long to take away what no view can see any more.
  static let purgePatience = Interval.seconds(10)

  func start() {
    let console = world.console
    console.process.spawn { [self] in
      try await console.process.sleep(for: Self.grace)
      while reading == nil {
        do {
          // Whatever an earlier attempt has read is read again.
          let start = world.simulation.now
          var survivors: [TransactionToken] = []
          // On a connection that is kept for the service, since applications may hold all others.
          let connection = try await console.connect(as: .service)
          // In one snapshot: who was still waiting for a commit may get it while this is read.
          try await connection.begin("BEGIN ISOLATION LEVEL REPEATABLE READ")
          for (_, script) in scripts {
            survivors += try await script.survivors(through: connection)
          }
          try await connection.commit()
          connection.close()
          reading = EndState.Reading(start: start, survivors: survivors)
        } catch let error as ProcessEnded {
          throw error
        } catch {
          try await console.process.sleep(for: .seconds(1))
        }
      }
      let end = world.simulation.now + Self.purgePatience
      while world.simulation.now < end, world.writer?.purgeBacklog?.isEmpty != true {
        try await console.process.sleep(for: .milliseconds(100))
      }
      isDone = true
    }
  }

  /// What is known of every invariant, once the end state has been read; or that it could not be.
  ///
  /// - Parameter faults: in the order of the scenario.
  func conclude(
    faults: [FaultResult],
    conditions: [(condition: Scenario.Condition, instant: Instant, holds: Bool)]
  ) -> RunRecord.Verification {
    let state = EndState(
      world: world, workloads: workloads, scripts: scripts, faults: faults, origin: origin,
      reading: reading)
    var verification = RunRecord.Verification()
    verification.conditions = conditions
    verification.ledger = state.ledger.ledger(at: state.now)
    for invariant in Invariant.all {
      if let judge = invariant.judge { verification.add(judge(state)) }
    }
    for (_, script) in scripts {
      for judgement in script.judgements(of: state) { verification.add(judgement) }
    }
    return verification
  }
}
