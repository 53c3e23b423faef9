import Simulation

/// The hold model: so many pending timers, each of which sets itself again when it fires.
struct KernelBenchmark {
  let timers: Int
  let events: Int

  /// CPU nanoseconds per event, when each timer is an object that reacts.
  func plainEvents() -> Double {
    let simulation = Simulation(seed: 1)
    let random = simulation.random("hold")
    for _ in 0..<timers {
      let holder = Holder(simulation: simulation, random: random)
      simulation.loop.schedule(after: random.exponential(mean: .milliseconds(1)), holder)
    }
    return measure(simulation)
  }

  /// CPU nanoseconds per event, when each timer is a task that sleeps.
  func tasks() -> Double {
    let simulation = Simulation(seed: 1)
    let random = simulation.random("hold")
    let process = simulation.addHost("host", in: nil, capacity: 1).start("holder")
    for _ in 0..<timers {
      process.spawn {
        while true { try await process.sleep(for: Self.delay(random)) }
      }
    }
    return measure(simulation)
  }

  static func delay(_ random: RandomStream) -> Interval {
    .nanoseconds(Int64(random.integer(below: 2_000_000)))
  }

  private func measure(_ simulation: Simulation) -> Double {
    let before = ProcessorTime.own()
    let first = simulation.loop.eventCount
    let span = Interval.microseconds(Int64(events) * 1_000 / Int64(timers))
    simulation.loop.run(until: simulation.now + span)
    let cost = (ProcessorTime.own() - before) * 1e9
    return cost / Double(simulation.loop.eventCount - first)
  }

  private final class Holder: EventTarget {
    let simulation: Simulation
    let random: RandomStream

    init(simulation: Simulation, random: RandomStream) {
      (self.simulation, self.random) = (simulation, random)
    }

    func fire(_ token: UInt64) {
      simulation.loop.schedule(after: KernelBenchmark.delay(random), self)
    }
  }
}
