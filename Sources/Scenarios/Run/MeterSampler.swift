import Simulation

/// Reads all meters once a second, and at the instants from which or up to which something is counted.
final class MeterSampler: EventTarget {
  private(set) var readings = MeterReadings()
  private let simulation: Simulation

  static let interval = Interval.seconds(1)

  /// - Parameter marks: when to read them besides; those that have passed are left out.
  init(of simulation: Simulation, marks: [Instant]) {
    self.simulation = simulation
    read()
    simulation.loop.schedule(after: Self.interval, self)
    for mark in marks where mark > simulation.now {
      simulation.loop.schedule(at: mark) { [self] in read() }
    }
  }

  func read() {
    // A processor counts its time when its work changes, or somebody looks.
    for host in simulation.hosts { _ = host.processor.usage }
    readings.read(simulation.meters, at: simulation.now)
  }

  func fire(_ token: UInt64) {
    read()
    simulation.loop.schedule(after: Self.interval, self)
  }
}
