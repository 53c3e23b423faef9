import ControlPlane
import Database
import Simulation
import Volume

/// What a run came into, of all that it might have: so that a campaign can tell what no seed of it has shown.
///
/// | begins with | counts |
/// |---|---|
/// | nothing | a probe: how often the code came into a rare situation that it marks itself |
/// | `situation` | sightings of what a scenario can claim to happen sometimes, where it can |
/// | `judged` | whether an invariant that the scenario can break was judged |
/// | `family` | faults that chaos has drawn, by their keyword |
/// | `workload` | whether chaos has drawn it |
/// | `tunable` | whether a setting of the engine is at one of its extremes |
///
/// The last three are there in runs with chaos only. All runs of a scenario tell of the same things, reached or not.
struct RunCoverage {
  let counts: [ProbeCount]

  /// - Parameter written: the scenario before it was unfolded.
  init(of measurement: Measurement, simulation: Simulation, written: Scenario) {
    var counts = Self.probes(simulation)
    counts += Scenario.Situation.all.filter { $0.impossibility(written) == nil }.map { situation in
      ProbeCount(
        name: "situation \(situation.name)", count: situation.sightings(measurement).count)
    }
    let evidence = measurement.record.verification.evidence
    counts += Invariant.all.filter { $0.impossibility(written) == nil }.map { invariant in
      let wasJudged = evidence.contains { $0.invariant == invariant && $0.wasJudged }
      return ProbeCount(name: "judged \(invariant.name)", count: wasJudged ? 1 : 0)
    }
    if let chaos = written.chaos {
      let scenario = measurement.record.scenario
      counts += chaos.families.map { family in
        let drawn = scenario.faults.dropFirst(written.faults.count)
          .count { $0.id.hasPrefix("\(family)-") }
        return ProbeCount(name: "family \(family)", count: drawn)
      }
      counts += written.workloads.map { workload in
        let isDrawn = scenario.workloads.contains { $0.id == workload.id }
        return ProbeCount(name: "workload \(workload.id)", count: isDrawn ? 1 : 0)
      }
      counts += simulation.faultPoints.tunables.map {
        ProbeCount(name: "tunable \($0.name)", count: $0.isExtreme ? 1 : 0)
      }
    }
    self.counts = counts
  }

  /// Module by module.
  private static func probes(_ simulation: Simulation) -> [ProbeCount] {
    let counted =
      KernelProbe.allCases.map(\.rawValue) + VolumeProbe.allCases.map(\.rawValue)
      + DatabaseProbe.allCases.map(\.rawValue)
    return counted.map { ProbeCount(name: $0, count: simulation.probes.count(of: $0)) }
      + ControlProbe.allCases.map { probe in
        ProbeCount(
          name: probe.rawValue,
          count: simulation.trace.events.count { $0.name == probe.rawValue })
      }
  }
}
