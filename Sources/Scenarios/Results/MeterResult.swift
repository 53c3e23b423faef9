public import Simulation

/// What one meter of one resource counted.
public struct MeterResult: Codable, Equatable, Sendable {
  /// Its full name: `host/storage-a0`.
  public var resource: String
  public var meter: String
  public var unit: Meter.Kind.Unit
  /// From the scenario's zero to the end of the run, warm-up included; loading is not.
  public var run: Int
  /// After the warm-up.
  public var measured: Int

  public init(
    resource: String, meter: String, unit: Meter.Kind.Unit, run: Int, measured: Int
  ) {
    (self.resource, self.meter, self.unit) = (resource, meter, unit)
    (self.run, self.measured) = (run, measured)
  }
}

extension RunResult {
  /// What all resources together counted of one kind.
  public func total(of kind: Meter.Kind) -> (run: Int, measured: Int) {
    meters.reduce((0, 0)) {
      $1.meter == kind.name ? ($0.0 + $1.run, $0.1 + $1.measured) : $0
    }
  }

  /// The same for every kind that any resource counted, in the order of ``meters``.
  public var totals: [MeterResult] {
    var totals: [MeterResult] = []
    for meter in meters {
      if let place = totals.firstIndex(where: { $0.meter == meter.meter }) {
        totals[place].run += meter.run
        totals[place].measured += meter.measured
      } else {
        var total = meter
        total.resource = "all"
        totals.append(total)
      }
    }
    return totals
  }
}
