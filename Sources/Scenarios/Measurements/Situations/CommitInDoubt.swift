import Simulation

extension Scenario.Situation {
  /// A client loses its connection between sending COMMIT and the answer.
  public static let commitInDoubt = Self(
    "commit_in_doubt",
    blindSpot: { measurement in
      let sent = measurement.record.workloads.contains { workload in
        !workload.commits.isEmpty || workload.failures.contains(where: \.isInDoubt)
      }
      return sent ? nil : "no client had a COMMIT under way"
    },
    sightings: { measurement in
      measurement.record.workloads.flatMap { workload in
        workload.failures.filter(\.isInDoubt).map {
          Sighting(
            instant: $0.instant,
            text: "a session of \(workload.workload.id) lost its connection with a COMMIT under way"
          )
        }
      }
    })
}
