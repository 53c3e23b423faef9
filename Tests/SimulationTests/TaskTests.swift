import Simulation
import Testing

@Suite struct `A task of a simulation` {
  private final class Log {
    var lines: [String] = []
    var token: WaitToken?
  }

  private let simulation = Simulation(seed: 1)
  private let process: Process
  private let log = Log()

  init() { process = simulation.addHost("h", in: nil, capacity: 1).start("p") }

  @Test func `starts behind those that are ready, in the order of spawning`() {
    let (process, log) = (process, log)
    for name in ["a", "b"] {
      process.spawn {
        log.lines.append(name)
        process.spawn { log.lines.append("child of \(name)") }
        log.lines.append("\(name) goes on")
      }
    }
    simulation.loop.run(until: .start)
    #expect(
      log.lines == ["a", "a goes on", "b", "b goes on", "child of a", "child of b"])
  }

  @Test func `goes on at once when it is woken before it waits`() {
    let (process, log) = (process, log)
    process.spawn {
      try await process.suspend { process.wake($0) }
      log.lines.append("awake")
    }
    process.spawn { log.lines.append("next") }
    simulation.loop.run(until: .start)
    #expect(log.lines == ["awake", "next"])
  }

  @Test func `wakes once, and not by an old token`() {
    let (process, log) = (process, log)
    process.spawn {
      try await process.suspend { log.token = $0 }
      log.lines.append("first")
      try await process.sleep(for: .milliseconds(1))
      log.lines.append("slept until \(process.now)")
    }
    simulation.loop.run(until: .start)
    if let token = log.token {
      for _ in 0..<2 { process.wake(token) }
      simulation.loop.run(until: .start)
      process.wake(token)
    }
    simulation.loop.run(until: .start + .seconds(1))
    #expect(log.lines == ["first", "slept until 0.001000s"])
  }

  @Test func `learns that its process has ended, even as it comes to wait`() {
    let (process, log) = (process, log)
    process.spawn {
      do {
        try await process.suspend { _ in process.end() }
      } catch {
        log.lines.append("\(error)")
      }
    }
    simulation.loop.run(until: .start + .seconds(1))
    #expect(log.lines == ["ProcessEnded()"])
  }

  @Test func `may sleep by the simulation's clock`() {
    let (process, log, clock) = (process, log, simulation.clock)
    process.spawn {
      try await clock.sleep(for: .milliseconds(3))
      log.lines.append("\(clock.now)")
    }
    simulation.loop.run(until: .start + .seconds(1))
    #expect(log.lines == ["0.003000s"])
  }

  @Test func `traps when it waits for something that is not part of the simulation`() async {
    await #expect(processExitsWith: .failure) {
      let simulation = Simulation(seed: 1)
      let process = simulation.addHost("h", in: nil, capacity: 1).start("p")
      // Long enough that the world's clock cannot end it before it has begun.
      process.spawn { try await Task.sleep(for: .seconds(3_600)) }
      simulation.loop.run(until: .start)
    }
  }
}
