import Simulation

/// Reads all meters at the instants from which or up to which something is counted.
final class MeterSampler {
  private(set) var readings = MeterReadings()
  private let simulation: Simulation

  /// - Parameter marks: when to read them, besides now; those that have passed are left out.
  init(of simulation: Simulation, marks: [Instant]) {
    self.simulation = simulation
    read()
    for mark in marks where mark > simulation.now {
      simulation.loop.schedule(at: mark) { [self] in read() }
    }
  }

  func read() {
    // A processor counts its time when its work changes, or somebody looks.
    for host in simulation.hosts { _ = host.processor.usage }
    readings.read(simulation.meters, at: simulation.now)
  }
}
