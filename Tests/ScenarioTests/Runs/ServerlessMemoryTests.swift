import ControlPlane
import Simulation
import Testing

@testable import Scenarios

/// A Serverless instance has the memory of its capacity, and its engine two thirds of that.
@Suite struct `The memory of a Serverless instance` {
  /// A run, and what the writer's host had from time to time.
  private func run(
    faults: String = "[]"
  ) throws -> (result: RunResult, events: [TraceEvent], looks: [Memory]) {
    let scenario = try Scenario(
      yaml: """
        borealis: 1
        name: memory
        claim: Memory follows capacity.
        run: { horizon: 70s, warmup: 5s }
        cluster:
          writer: { id: w, az: a, class: serverless, acu: 0.5..8 }
          readers: [{ id: r, az: b, class: db.r6g.large }]
        clients: [{ id: app, driver: plain }]
        workload:
          - id: oltp
            client: app
            mix: pgbench-tpcb
            scale: 4
            accounts_per_branch: 50
            arrivals: steps(0s=20/s, 5s=800/s, 12s=5/s)
            connections: 16
        faults: \(faults)
        claims: { always: [copies_agree] }
        """, file: "memory.yaml")
    let run = ScenarioRun(scenario, file: "memory.yaml", seed: 1, build: "test")
    let simulation = run.world.simulation
    let host = try #require(simulation.hosts.first { $0.name == "w" })
    var looks: [Memory] = []
    let result = run.execute { _ in looks.append(host.memory) }
    return (result, simulation.trace.events, looks)
  }

  @Test func `follows its capacity up and down, and the engine with it`() throws {
    let (result, events, looks) = try run()
    #expect(result.verdict == .pass, "\(result.reasons)")
    let capacities = events.all(ServerlessCapacitySet.self).map(\.payload)
      .filter { $0.instance == "w" }.map(\.milliACU)
    let highest = try #require(capacities.max())
    let last = try #require(capacities.last)
    #expect(highest > 500 && last < highest)
    // Two GiB for an ACU.
    let sizes = Set(capacities.map { (Int($0) / 500) << 30 })
    #expect(sizes.isSubset(of: Set(looks.map(\.capacity))))
    let running = looks.filter { $0.used > 0 }
    #expect(running.count > looks.count / 2)
    // What sessions need comes on top. A host that has just grown has not told its engine yet.
    let settled = zip(running, running.dropFirst()).filter { $0.capacity >= $1.capacity }.map(\.1)
    #expect(settled.count > running.count / 2)
    let rests = settled.map { $0.used - $0.capacity / 3 * 2 }
    #expect(
      rests.allSatisfy { $0 >= 0 && $0 <= 64 << 20 }, "\(rests.min() ?? 0)...\(rests.max() ?? 0)")
    #expect(looks.allSatisfy { $0.kills.isEmpty })
  }

  @Test func `can be taken from it, and then its engine is ended`() throws {
    let (result, events, _) = try run(
      faults: "[{ id: f, at: 10s, for: 5s, memory: { on: writer, take: 80% } }]")
    #expect(result.faults[0].tookEffect, "\(result.faults[0].evidence)")
    let killed = try #require(events.all(ProcessKilledForMemory.self).first).payload
    #expect(killed.host == "w" && killed.program == "engine")
  }
}
