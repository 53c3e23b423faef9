import Simulation
import Statistics
import Testing

/// The run queue of a host against what queueing theory says of it.
@Suite struct `A processor's run queue` {
  struct Load: CustomTestStringConvertible {
    let servers: Int
    /// The share of the capacity that is asked for.
    let utilization: Double

    var testDescription: String { "M/M/\(servers) at \(utilization)" }

    /// The mean wait before service in units of the mean service time: Erlang's C over the spare capacity.
    ///
    /// Source: Erlang (1917); any text on queueing theory.
    var expectedWait: Double {
      let offered = utilization * Double(servers)
      // The blocking probability of a loss system, by its recursion, gives that of waiting.
      var blocking = 1.0
      for server in 1...servers {
        blocking = offered * blocking / (Double(server) + offered * blocking)
      }
      let waiting = blocking / (1 - utilization * (1 - blocking))
      return waiting / (Double(servers) - offered)
    }
  }

  private static let service = Interval.microseconds(100)

  /// Means of the wait in long stretches, which are nearly independent of one another.
  private static func waits(_ load: Load, stretches: Int, length: Int) -> [Double] {
    let simulation = Simulation(seed: 5)
    let arrivals = simulation.random("arrivals")
    let services = simulation.random("services")
    var processor = Processor(capacity: Double(load.servers))
    let pause = Interval.nanoseconds(
      Int64(Double(service.nanoseconds) / load.utilization / Double(load.servers)))
    var now = Instant.start
    var means: [Double] = []
    // The first stretch begins with an empty queue, and is left out.
    for stretch in 0...stretches {
      var sum = 0.0
      for _ in 0..<length {
        now = now + arrivals.exponential(mean: pause)
        let cost = services.exponential(mean: service)
        sum += (processor.charge(cost, at: now) - now - cost) / service
      }
      if stretch > 0 { means.append(sum / Double(length)) }
    }
    return means
  }

  @Test(arguments: [
    Load(servers: 1, utilization: 0.3), Load(servers: 1, utilization: 0.7),
    Load(servers: 2, utilization: 0.7), Load(servers: 4, utilization: 0.8),
    Load(servers: 8, utilization: 0.5),
  ])
  func `waits as long as theory says`(load: Load) throws {
    let means = Self.waits(load, stretches: 30, length: 10_000)
    let interval = try #require(ConfidenceInterval.mean(of: means, confidence: 0.99))
    #expect(
      interval.lower <= load.expectedWait && load.expectedWait <= interval.upper,
      "expected \(load.expectedWait), measured \(interval)")
    // So narrow that another discipline, or another number of servers, would fall outside.
    #expect(interval.relativeHalfWidth < 0.25)
  }
}
