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

  @Test func `stops and goes on as the kernel takes for granted of Swift`() {
    #expect(RuntimeProof.failure(explanation: "", exitCode: 2) == nil)
  }

  @Test func `is found out if it goes on with another outcome`() {
    let failure = RuntimeProof.failure(making: .inverted, explanation: "", exitCode: 2)
    #expect(failure?.contains("an outcome that was not meant") == true)
  }

  @Test func `is found out if it goes on somewhere else`() async {
    let end = await #expect(
      processExitsWith: .exitCode(2), observing: [\.standardErrorContent]
    ) {
      _ = RuntimeProof.failure(making: .swapped, explanation: "it has crashed", exitCode: 2)
    }
    #expect(String(decoding: end?.standardErrorContent ?? [], as: UTF8.self) == "it has crashed")
  }

  @Test func `traps when what waits is no task of the simulation`() async {
    await #expect(processExitsWith: .failure) {
      let simulation = Simulation(seed: 1)
      let process = simulation.addHost("h", in: nil, capacity: 1).start("p")
      try await process.sleep(for: .seconds(1))
    }
  }

  @Test func `leaves a mailbox when its process ends`() {
    let (simulation, log) = (simulation, log)
    let mailbox = Mailbox<Int>()
    let host = simulation.addHost("reader", in: nil, capacity: 1)
    for incarnation in 1...2 {
      let process = host.start("p")
      process.spawn {
        do {
          while true {
            log.lines.append("\(incarnation) got \(try await mailbox.take(in: process))")
          }
        } catch {
          log.lines.append("\(incarnation) ended")
        }
      }
      simulation.loop.run(until: simulation.now + .seconds(1))
      mailbox.put(10 * incarnation)
      mailbox.put(10 * incarnation + 1)
      simulation.loop.run(until: simulation.now + .seconds(1))
      process.end()
      simulation.loop.run(until: simulation.now + .seconds(1))
      mailbox.put(10 * incarnation + 2)
    }
    #expect(
      log.lines == [
        "1 got 10", "1 got 11", "1 ended", "2 got 12", "2 got 20", "2 got 21", "2 ended",
      ])
    #expect(mailbox.count == 1)
  }

  @Test func `keeps its place among hundreds that come and go`() {
    let (process, log) = (process, log)
    process.spawn {
      for round in 0..<3 {
        for name in 0..<600 {
          process.spawn {
            try await process.sleep(for: .milliseconds(Int64(name % 7) + 1))
            if name % 200 == 0 { log.lines.append("\(round).\(name)") }
          }
        }
        try await process.sleep(for: .milliseconds(10))
      }
    }
    simulation.loop.run(until: .start + .seconds(1))
    #expect(
      log.lines == [
        "0.0", "0.400", "0.200", "1.0", "1.400", "1.200", "2.0", "2.400", "2.200",
      ])
  }
}
