import Scenarios
import Simulation
import Testing

@Suite struct `A resolved plan` {
  /// 200 random scenarios, written and read again.
  @Test(arguments: 0..<200 as Range<UInt64>)
  func `gives an equal scenario`(seed: UInt64) throws {
    let generator = ScenarioGenerator(seed: seed)
    let scenario = generator.scenario()
    let plan = scenario.yaml
    let again = try Scenario(yaml: plan, file: "plan.yaml")
    #expect(again == scenario, "\(plan)")
    #expect(again.yaml == plan)
  }

  @Test func `has every default filled in`() throws {
    let scenario = try Scenario(
      yaml: """
        borealis: 1
        name: least
        claim: The least that a scenario must say.
        run: { horizon: 60s }
        cluster: { writer: { az: a } }
        clients: [ { id: app } ]
        workload: [ { id: bank, client: app, mix: bank, concurrency: 4, at: 5s } ]
        """, file: "least.yaml")
    #expect(
      scenario.yaml == """
        borealis: 1
        name: least
        claim: The least that a scenario must say.
        run: {horizon: 1m, warmup: 0s, seeds: 1..20, check_replay: 0%}

        cluster:
          engine: aurora-postgresql
          writer: {id: w, az: a, class: db.r6g.large, tier: 1}
          readers: []
          volume: {protection_groups: 2, storage_nodes_per_az: 4, write_quorum: 4, read_quorum: 3, hot_log: 16MiB}
          parameters:
            heartbeat_interval: 1s
            heartbeat_timeout: 5s
            restart_patience: 20s
            engine_start: 2s
            host_restart: uniform(30s, 1m)
            storage_restart: uniform(1s, 3s)
            dns_ttl: 5s
            max_standby_streaming_delay: 14s
            shared_buffers: 64MiB

        network:
          same_az: {latency: 'lognormal(125us, p99=450us)', loss: 0%}
          cross_az: {latency: 'lognormal(400us, p99=1.25ms)', loss: 0%}

        disk:
          read: lognormal(90us, p99=350us)
          write: lognormal(20us, p99=60us)
          flush: lognormal(120us, p99=600us)

        clients:
        - {id: app, driver: plain, endpoint: cluster, az: none, count: 1, dns_ttl: 5s, \
        connect_timeout: 3s, socket_timeout: 10s, retry_backoff: 100ms..1s, restart: 5s}

        workload:
        - id: bank
          client: app
          mix: bank
          accounts: 50
          initial_balance: 1000
          audits: 10%
          isolation: read committed
          concurrency: 4
          think_time: constant(0s)
          at: 5s
          for: 55s
        faults: []

        claims:
          always: []
          sometimes: []
          never: []
          eventually: []
        slo: []

        """)
  }

  @Test func `lays a file over the one that it extends`() throws {
    let base = """
      borealis: 1
      name: base
      claim: The base.
      run: { horizon: 60s, warmup: 5s }
      cluster: { writer: { az: a }, readers: [ { id: r1, az: b } ] }
      clients: [ { id: app } ]
      workload: [ { id: bank, client: app, mix: bank, concurrency: 4 } ]
      """
    let scenario = try Scenario(
      yaml: """
        extends: base.yaml
        name: derived
        run: { horizon: 2m }
        cluster: { readers: [ { id: r2, az: c } ] }
        """, file: "derived.yaml", load: { $0 == "base.yaml" ? base : nil })
    #expect(scenario.name == "derived")
    #expect(scenario.claim == "The base.")
    #expect(scenario.run == Scenario.Run(horizon: .minutes(2), warmup: .seconds(5)))
    #expect(scenario.cluster.instances.map(\.id) == ["w", "r2"])
  }

  /// A base says where its own base is from where it stands itself.
  @Test func `looks for a base beside the file that names it`() throws {
    var asked: [String] = []
    let files = [
      "set/deep/base.yaml": "extends: ../root.yaml\nclaim: The base.\n",
      "set/root.yaml": "extends: ./deep/../deep/base.yaml\n",
    ]
    let error = #expect(throws: ScenarioError.self) {
      _ = try Scenario(yaml: "extends: deep/base.yaml\n", file: "set/derived.yaml") {
        asked.append($0)
        return files[$0]
      }
    }
    #expect(asked == ["set/deep/base.yaml", "set/root.yaml"])
    #expect(
      error?.description
        == "set/root.yaml:1:10: extends: './deep/../deep/base.yaml' extends itself")
  }

  @Test(arguments: [
    (
      "extends: lost.yaml\n",
      "derived.yaml:1:10: extends: expected the name of a scenario file that can be read, not"
        + " 'lost.yaml'"
    ),
    (
      "extends: loop.yaml\n",
      "loop.yaml:2:10: extends: 'loop.yaml' extends itself"
    ),
    (
      "extends: wrong.yaml\n",
      "wrong.yaml:2:8: run.horizn: unknown key; did you mean 'horizon'? known here: horizon, warmup,"
        + " seeds, check_replay, fault_points"
    ),
  ])
  func `names the file in which a mistake stands`(yaml: String, message: String) {
    let files = [
      "loop.yaml": "borealis: 1\nextends: loop.yaml\n",
      "wrong.yaml": "borealis: 1\nrun: { horizn: 3m }\nname: x\nclaim: x\n",
    ]
    let error = #expect(throws: ScenarioError.self) {
      _ = try Scenario(yaml: yaml, file: "derived.yaml", load: { files[$0] })
    }
    #expect(error?.description == message)
  }
}

@Suite struct `A fault window` {
  private func scenario(_ faults: [Scenario.Fault]) -> Scenario {
    Scenario(
      name: "x", claim: "x", run: Scenario.Run(horizon: .minutes(10)),
      cluster: Scenario.Cluster(writer: Scenario.Instance(id: "w", zone: .a)), clients: [],
      workloads: [], faults: faults)
  }

  @Test func `follows the fault that it is anchored to, wherever that stands in the file`() {
    let windows = scenario([
      Scenario.Fault(
        id: "second",
        anchor: .after(
          FaultEdge(fault: "first", side: .end), offset: .seconds(5),
          jitter: .zero), action: .process(.init(.writer, .crash))),
      Scenario.Fault(
        id: "first", anchor: .at(.seconds(60), jitter: .seconds(10)), duration: .seconds(30),
        action: .outage(.zone(.b))),
    ]).faultWindows(movedBy: { $0.id == "first" ? .seconds(-7) : .zero })
    #expect(
      windows == [
        FaultWindow(id: "second", start: .seconds(88), end: .seconds(88)),
        FaultWindow(id: "first", start: .seconds(53), end: .seconds(83)),
      ])
  }

  @Test func `is asked for its draw once for each fault, in the order of the file`() {
    var asked: [String] = []
    let edge = FaultEdge(fault: "c", side: .start)
    _ = scenario([
      Scenario.Fault(
        id: "a", anchor: .after(edge, offset: .zero, jitter: .zero),
        action: .process(.init(.writer, .crash))),
      Scenario.Fault(
        id: "b", anchor: .at(.zero, jitter: .zero), action: .process(.init(.writer, .crash))),
      Scenario.Fault(
        id: "c", anchor: .at(.zero, jitter: .zero), action: .process(.init(.writer, .crash))),
    ]).faultWindows(movedBy: {
      asked.append($0.id)
      return .zero
    })
    #expect(asked == ["a", "b", "c"])
  }
}
