import Simulation
import Testing

@Suite struct `An event loop` {
  private final class Log {
    var lines: [String] = []
  }

  private final class Recorder: EventTarget {
    let log: Log
    init(_ log: Log) { self.log = log }
    func fire(_ token: UInt64) { log.lines.append("event \(token)") }
  }

  @Test func `fires events of one instant in the order of their scheduling`() {
    let simulation = Simulation(seed: 1)
    let log = Log()
    let recorder = Recorder(log)
    for token in 0..<100 {
      simulation.loop.schedule(after: .milliseconds(5), recorder, token: UInt64(token))
    }
    simulation.loop.run(until: .start + .milliseconds(5))
    #expect(log.lines == (0..<100).map { "event \($0)" })
  }

  @Test func `does not fire what was cancelled`() {
    let simulation = Simulation(seed: 1)
    let log = Log()
    let recorder = Recorder(log)
    let timer = simulation.loop.schedule(after: .milliseconds(1), recorder, token: 1)
    simulation.loop.schedule(after: .milliseconds(2), recorder, token: 2)
    simulation.loop.cancel(timer)
    simulation.loop.run(until: .start + .seconds(1))
    #expect(log.lines == ["event 2"])
  }

  @Test func `fires the others in order when most are cancelled`() {
    let simulation = Simulation(seed: 11)
    let random = simulation.random("timers")
    let log = Log()
    let recorder = Recorder(log)
    var expected: [(instant: Instant, token: UInt64)] = []
    var timers: [TimerID] = []
    for token in 0..<20_000 as Range<UInt64> {
      let instant = Instant.start + .microseconds(Int64(random.integer(below: 5_000)))
      let timer = simulation.loop.schedule(at: instant, recorder, token: token)
      if random.chance(0.9) {
        timers.append(timer)
      } else {
        expected.append((instant, token))
      }
      // Cancelled some time after they were set, as time-outs are, and a second time to no effect.
      if timers.count > 300 {
        let victim = timers.remove(at: Int(random.integer(below: 300)))
        simulation.loop.cancel(victim)
        simulation.loop.cancel(victim)
      }
    }
    for timer in timers { simulation.loop.cancel(timer) }
    #expect(simulation.loop.pendingCount < 2 * expected.count + 256)
    simulation.loop.run(until: .start + .seconds(1))
    let order = expected.sorted { ($0.instant, $0.token) < ($1.instant, $1.token) }
    #expect(log.lines == order.map { "event \($0.token)" })
  }

  @Test func `runs tasks of a process until it ends`() {
    let simulation = Simulation(seed: 1)
    let region = simulation.addRegion("us-east-1", zones: ["a"])
    let host = simulation.addHost("h", in: region.zone("a"), capacity: 1)
    let process = host.start("p")
    let log = Log()
    process.spawn {
      do {
        while true {
          try await process.sleep(for: .milliseconds(10))
          log.lines.append("\(process.now)")
        }
      } catch {
        log.lines.append("ended at \(process.now)")
        throw error
      }
    }
    simulation.loop.run(until: .start + .milliseconds(25))
    process.end()
    simulation.loop.run(until: .start + .milliseconds(100))
    #expect(log.lines == ["0.010000s", "0.020000s", "ended at 0.025000s"])
  }
}
