import Statistics
import Testing

@testable import Simulation

/// The vCPUs of a host against what queueing theory says of processor sharing.
@Suite struct `A processor under random load` {
  enum Service: Sendable {
    case exponential
    /// One in ten pieces of work takes 37 times as long as the others.
    case uneven
  }

  struct Load: CustomTestStringConvertible {
    let servers: Int
    /// The share of the capacity that is asked for.
    let utilization: Double
    var service = Service.exponential

    var testDescription: String { "\(service), \(servers) vCPUs at \(utilization)" }

    /// How much longer a piece of work takes than alone, in units of the mean service time: Erlang's C over the
    /// spare capacity, as in a queue of exponential services that are served in order. Under processor sharing
    /// it is the same for any distribution of services with the same mean.
    ///
    /// Source: Erlang (1917); Kelly, "Reversibility and stochastic networks", 1979, for the insensitivity.
    var expectedDelay: Double {
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

  private static let mean = Interval.microseconds(100)

  private static func cost(_ service: Service, _ random: RandomStream) -> Interval {
    switch service {
    case .exponential: return random.exponential(mean: mean)
    case .uneven:
      let isLong = random.chance(0.1)
      return .nanoseconds(mean.nanoseconds * (isLong ? 37 : 1) * 10 / 46)
    }
  }

  /// Means of the delay in long stretches, which are nearly independent of one another.
  private static func delays(_ load: Load, stretches: Int, length: Int) -> [Double] {
    let simulation = Simulation(seed: 5)
    let arrivals = simulation.random("arrivals")
    let services = simulation.random("services")
    let process = simulation.addHost("h", in: nil, capacity: Double(load.servers)).start("p")
    let pause = Interval.nanoseconds(
      Int64(Double(mean.nanoseconds) / load.utilization / Double(load.servers)))
    // The first stretch begins with no work, and is left out.
    var sums = [Double](repeating: 0, count: stretches + 1)
    process.spawn {
      for number in 0..<(stretches + 1) * length {
        try await process.sleep(for: arrivals.exponential(mean: pause))
        let cost = cost(load.service, services)
        process.spawn {
          let start = process.now
          try await process.compute(cost)
          sums[number / length] += (process.now - start - cost) / mean
        }
      }
    }
    simulation.loop.run(until: .start + .minutes(60))
    return sums.dropFirst().map { $0 / Double(length) }
  }

  @Test(arguments: [
    Load(servers: 1, utilization: 0.3), Load(servers: 1, utilization: 0.7),
    Load(servers: 2, utilization: 0.7), Load(servers: 4, utilization: 0.8),
    Load(servers: 8, utilization: 0.5),
    Load(servers: 1, utilization: 0.7, service: .uneven),
    Load(servers: 2, utilization: 0.7, service: .uneven),
  ])
  func `delays work as long as theory says`(load: Load) throws {
    let means = Self.delays(load, stretches: 30, length: 10_000)
    let interval = try #require(ConfidenceInterval.mean(of: means, confidence: 0.99))
    #expect(
      interval.lower <= load.expectedDelay && load.expectedDelay <= interval.upper,
      "expected \(load.expectedDelay), measured \(interval)")
    // So narrow that another discipline, or another number of servers, would fall outside.
    #expect((interval.upper - interval.lower) / 2 / interval.estimate < 0.25)
  }
}
