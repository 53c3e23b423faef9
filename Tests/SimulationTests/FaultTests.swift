import Simulation
import Testing

@Suite struct `A fault` {
  private final class Counter {
    var starts = 0
  }

  private func world() -> (Simulation, Host, Counter) {
    let simulation = Simulation(seed: 3)
    let region = simulation.addRegion("us-east-1", zones: ["a"])
    let host = simulation.addHost("h", in: region.zone("a"), capacity: 1)
    let counter = Counter()
    host.install("p", restartDelay: .seconds(1)) { process in
      process.spawn {
        try await process.sleep(for: .milliseconds(1))
        counter.starts += 1
      }
    }
    return (simulation, host, counter)
  }

  @Test func `holds a crashed program down until it ends`() {
    let (simulation, host, counter) = world()
    simulation.loop.run(until: .start + .seconds(1))
    #expect(counter.starts == 1)
    let fault = ActiveFault(
      Fault(id: "f", kind: .processCrash(program: "p"), targets: ["h"]), in: simulation)
    simulation.loop.run(until: .start + .milliseconds(4_500))
    #expect(host.process(named: "p") == nil)
    fault.finish()
    simulation.loop.run(until: .start + .seconds(6))
    #expect(counter.starts == 2)
    #expect(host.process(named: "p") != nil)
    #expect(fault.tookEffect)
    #expect(fault.evidence == "1 of 1 processes were running and ended")
  }

  /// Its supervisor tries again and again, and nothing of it is to be heard.
  @Test func `leaves a program that it holds down no time to act`() {
    let (simulation, host, _) = world()
    var instants: [Instant] = []
    host.install("q", restartDelay: .milliseconds(100)) { instants.append($0.now) }
    let fault = ActiveFault(
      Fault(id: "f", kind: .processCrash(program: "q"), targets: ["h"]), in: simulation)
    simulation.loop.run(until: .start + .milliseconds(1_050))
    #expect(instants == [.start])
    fault.finish()
    simulation.loop.run(until: .start + .seconds(2))
    #expect(instants == [.start, .start + .milliseconds(1_100)])
  }

  @Test func `takes a host down and up again`() {
    let (simulation, host, counter) = world()
    simulation.loop.run(until: .start + .seconds(1))
    let fault = ActiveFault(
      Fault(id: "f", kind: .hostCrash(.mayHaveLanded), targets: ["h"]), in: simulation)
    #expect(!host.isUp)
    simulation.loop.run(until: .start + .seconds(5))
    #expect(counter.starts == 1)
    fault.finish()
    simulation.loop.run(until: .start + .seconds(6))
    #expect(counter.starts == 2)
    #expect(
      simulation.trace.events.map(\.name) == [
        "fault.started", "host.down", "fault.ended", "host.up",
      ])
  }

  @Test func `that hits nothing says so`() {
    let (simulation, host, _) = world()
    host.crash()
    let fault = ActiveFault(
      Fault(id: "f", kind: .hostCrash(.mayHaveLanded), targets: ["h"]), in: simulation)
    #expect(!fault.tookEffect)
  }

  @Test func `of zero intensity changes nothing`() {
    func digest(_ kind: Fault.Kind?) -> String {
      let (simulation, host, _) = world()
      let disk = Disk(name: "d", host: host, profile: DiskProfile())
      let client = SilentClient()
      let process = host.start("writer")
      if let kind {
        let fault = ActiveFault(Fault(id: "f", kind: kind, targets: ["h"]), in: simulation)
        fault.finish()
        _ = ActiveFault(Fault(id: "f", kind: kind, targets: ["h"]), in: simulation)
      }
      for round in 0..<50 {
        disk.write([1, 2, 3], at: round * 3)
        disk.flush(for: process, client, token: UInt64(round))
        simulation.loop.run(until: simulation.now + .milliseconds(10))
      }
      return "\(client.completions)"
    }
    let calm = digest(nil)
    #expect(digest(.disk(.failing(0))) == calm)
    #expect(digest(.disk(.slow(factor: 1))) == calm)
    #expect(digest(.disk(.stalling(stall: .zero, period: .seconds(1)))) == calm)
    #expect(digest(.disk(.failing(0.5))) != calm)
    #expect(digest(.disk(.slow(factor: 100))) != calm)
  }

  private final class SilentClient: DiskClient {
    var completions: [String] = []
    func diskDidComplete(_ token: UInt64, _ outcome: DiskOutcome) {
      if case .done = outcome {
        completions.append("done \(token)")
      } else {
        completions.append("failed \(token)")
      }
    }
  }
}
