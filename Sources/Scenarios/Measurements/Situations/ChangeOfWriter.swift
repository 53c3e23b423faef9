import Simulation

extension Scenario.Situation {
  /// A reader is promoted to writer.
  public static let failover = Self(
    "failover",
    impossibility: {
      $0.cluster.readers.isEmpty ? "the cluster has no reader that could be promoted" : nil
    },
    sightings: { measurement in
      measurement.changesOfWriter(.failover).map {
        Sighting(instant: $0.instant, text: "\($0.new) was promoted for \($0.old)")
      }
    })

  /// The writer's process ends and the same instance becomes the writer again.
  public static let writerRestart = Self("writer_restart") { measurement in
    measurement.changesOfWriter(.restart).map {
      Sighting(instant: $0.instant, text: "\($0.new) became the writer again")
    }
  }
}

extension Measurement {
  fileprivate func changesOfWriter(
    _ kind: FailoverResult.Kind
  ) -> [(instant: Instant, old: String, new: String)] {
    succession.interruptions.filter { $0.kind == kind }.compactMap { interruption in
      interruption.opening.map {
        let opening = succession.openings[$0]
        return (opening.instant, interruption.oldWriter, opening.instance)
      }
    }
  }
}
