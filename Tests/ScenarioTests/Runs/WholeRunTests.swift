import Foundation
import Reports
import Statistics
import Testing

@testable import Scenarios
@testable import Simulation

/// Whole runs over the full engine: short ones, so that a debug build can afford them.
@Suite struct `A whole run` {
  /// A small cluster under load whose writer's host dies half way.
  private static func scenario() throws -> Scenario {
    let text = """
      borealis: 1
      name: short
      claim: Losing the writer's host loses no commit.
      run: { horizon: 40s, seeds: 1..50 }
      cluster:
        writer: { id: w, az: a }
        readers:
          - { id: r1, az: b, tier: 0 }
      clients:
        - { id: app, driver: plain }
      workload:
        - { id: bank, client: app, mix: bank, accounts: 20, arrivals: poisson(20/s) }
        - { id: lists, client: app, mix: list-append, arrivals: poisson(10/s) }
      faults:
        - { id: down, at: 15s +- 5s, for: 15s, host_crash: { on: writer } }
      claims:
        always: [no_acknowledged_commit_lost, single_writer, copies_agree, bank_total_constant]
      """
    return try Scenario(yaml: text, file: "short.yaml")
  }

  private static func run(_ scenario: Scenario, seed: UInt64) -> RunResult {
    ScenarioRun(scenario, file: "short.yaml", seed: seed, build: "test").execute()
  }

  @Test(arguments: 1...3 as ClosedRange<UInt64>)
  func `loses nothing when the writer's host dies`(seed: UInt64) throws {
    let result = Self.run(try Self.scenario(), seed: seed)
    #expect(result.verdict == .pass, "\(result.reasons), borealis run … --seed \(seed)")
    #expect(result.recoveryPoint.lostCount == 0)
    #expect(result.failovers.count == 1)
    for outage in result.failovers.flatMap(\.outages) {
      #expect(outage.waterfall.end == outage.firstCommit)
    }
  }

  @Test func `gives the same bytes twice, and others for another seed`() throws {
    let scenario = try Self.scenario()
    let first = Self.run(scenario, seed: 7)
    let second = Self.run(scenario, seed: 7)
    #expect(first == second)
    let files = zip(ReportWriter(first).files, ReportWriter(second).files)
    for (left, right) in files { #expect(left.contents == right.contents) }
    #expect(Self.run(scenario, seed: 8).digest != first.digest)
  }

  @Test func `tells by what its claims were judged, in numbers as the report writes them`() throws {
    let busy = TinyScenario(
      name: "busy", horizon: "8s", arrivals: "poisson(70/s)", connections: 8,
      faults: ["{ id: f, at: 2s, crash: { on: r2 } }"])
    let result = try busy.run(seed: 3)
    func evidence(_ name: String) -> String? {
      result.claims.first { $0.name == name }?.evidence
    }
    let commits = result.recoveryPoint.acknowledgedCount
    #expect(commits > 1_000)
    #expect(
      evidence("no_acknowledged_commit_lost")
        == "\(FixedPoint.grouped(commits)) acknowledged commits looked up")
    // No claim has four digits in a row.
    for text in result.claims.map(\.evidence) {
      let digits = text.split { !("0"..."9").contains($0) }
      #expect(digits.allSatisfy { $0.count < 4 }, "\(text)")
    }
  }

  /// The disks are so slow that a queue of arrivals is left at the horizon, which is still being served when
  /// the end state is read.
  @Test func `holds nothing against a commit that came after the end was read`() throws {
    let queue = TinyScenario(
      name: "queue", horizon: "4s", arrivals: "poisson(150/s)", connections: 1, faults: [])
    let yaml = queue.yaml.replacingOccurrences(
      of: "clients:\n", with: "disk: { flush: 60ms }\nclients:\n")
    let scenario = try Scenario(yaml: yaml, file: queue.file)
    let run = ScenarioRun(scenario, file: queue.file, seed: 1, build: "test")
    let result = run.execute()
    let last = try #require(run.runners.flatMap(\.record.commits).map(\.instant).max())
    let horizon = try #require(run.origin) + scenario.run.horizon
    #expect(last > horizon + .seconds(20), "the queue was served before the end was read")
    #expect(result.verdict == .pass, "\(result.reasons)")
    #expect(result.recoveryPoint.acknowledgedCount > 400)
  }

  /// Many runs in one process must not need the memory of many clusters.
  @Test func `leaves nothing behind`() throws {
    struct Remainder {
      let name: String
      weak var object: AnyObject?
    }
    let scenario = try Self.scenario()
    func remainders() -> [Remainder] {
      let run = ScenarioRun(scenario, file: "short.yaml", seed: 4, build: "test")
      let simulation = run.world.simulation
      var found = [
        Remainder(name: "run", object: run), Remainder(name: "world", object: run.world),
      ]
      found.append(Remainder(name: "simulation", object: simulation))
      for host in simulation.hosts {
        found.append(Remainder(name: host.name, object: host))
        for process in host.processes {
          found.append(Remainder(name: "\(process.name) on \(host.name)", object: process))
        }
        for disk in host.disks {
          found.append(Remainder(name: "\(disk.name) of \(host.name)", object: disk))
        }
      }
      for node in run.world.storageNodes { found.append(Remainder(name: "a node", object: node)) }
      for instance in run.world.instances {
        found.append(Remainder(name: "an instance", object: instance))
      }
      _ = run.execute()
      return found
    }
    #expect(remainders().filter { $0.object != nil }.map(\.name) == [])
  }
}
