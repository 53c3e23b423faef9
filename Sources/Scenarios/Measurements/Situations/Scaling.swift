import Simulation

extension Scenario.Situation {
  /// A Serverless instance grows.
  public static let scaleUp = scaling("scale_up") { $0.to > $0.from }
  /// A Serverless instance shrinks.
  public static let scaleDown = scaling("scale_down") { $0.to < $0.from }

  private static func scaling(
    _ name: String, where isMeant: @escaping @Sendable (CapacityHistory.Scaling) -> Bool
  ) -> Self {
    Self(
      name,
      impossibility: { scenario in
        scenario.cluster.instances.contains(where: \.isServerless)
          ? nil : "no instance is of the class serverless, and no other changes its capacity"
      },
      sightings: { measurement in
        measurement.capacities.flatMap { history in
          history.scalings.filter(isMeant).map { scaling in
            Sighting(
              instant: scaling.instant,
              text: "\(history.instance) went from \(Measurement.acu(scaling.from)) to"
                + " \(Measurement.acu(scaling.to))")
          }
        }
      })
  }
}
