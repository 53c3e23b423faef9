import Scenarios
import Simulation
import Testing

@Suite struct `A series of faults` {
  private static func scenario(_ faults: String, claims: String = "") throws -> Scenario {
    try Scenario(
      yaml: """
        borealis: 1
        name: series
        claim: Something holds.
        run: { horizon: 10m }
        cluster: { writer: { az: a }, readers: [ { id: r1, az: b }, { id: r2, az: c } ] }
        clients: [ { id: app } ]
        workload: [ { id: oltp, client: app, mix: pgbench-tpcb, concurrency: 1 } ]
        faults:
        \(faults)
        claims: { \(claims) }
        """, file: "series.yaml")
  }

  private static func message(_ fault: String) -> String {
    do {
      _ = try scenario("  - \(fault)")
      return "accepted"
    } catch {
      return "\(error)"
    }
  }

  @Test func `repeats any fault so many times`() throws {
    let scenario = try Self.scenario(
      "  - { id: f, at: 60s +- 5s, for: 2s, every: 10s, times: 3, crash: { on: reader } }")
    #expect(scenario.faults.map(\.id) == ["f-1", "f-2", "f-3"])
    #expect(scenario.faults.allSatisfy { $0.duration == .seconds(2) })
    #expect(scenario.faults.allSatisfy { $0.action == .process(.init(.anyReader, .crash)) })
    // All of them move together.
    let windows = scenario.faultWindows(movedBy: { $0.anchor.jitter })
    #expect(windows.map(\.start) == [65, 75, 85].map { .seconds($0) })
    #expect(try Scenario(yaml: scenario.yaml, file: "plan.yaml") == scenario)
  }

  @Test func `repeats until an instant`() throws {
    let scenario = try Self.scenario(
      "  - { id: f, at: 60s, every: 10s, until: 90s, sql: { on: writer, text: SELECT 1 } }")
    let windows = scenario.faultWindows(movedBy: { _ in .zero })
    #expect(windows.map(\.start) == [60, 70, 80].map { .seconds($0) })
  }

  @Test func `goes up in steps`() throws {
    let scenario = try Self.scenario(
      """
        - { id: f, at: 1m, for: 30s, ramp: { slow: 2x..6x, steps: 3 }, cpu: { on: writer } }
        - { id: g, at: 3m, for: 2s, every: 1m, times: 2, ramp: { share: 1%..50% }, loss: { on: w } }
        - { id: h, at: 6m, for: 4s, ramp: { offset: -250ms..250ms, steps: 2 }, clock: { on: w } }
      """)
    #expect(
      scenario.faults.prefix(3).map(\.action)
        == [2, 4, 6].map { .resource(.init(.writer, .cpu(Factor(times: $0)))) })
    let windows = scenario.faultWindows(movedBy: { _ in .zero })
    #expect(windows.prefix(3).map(\.start) == [60, 70, 80].map { .seconds($0) })
    #expect(windows[2].end == .seconds(90))
    #expect(scenario.faults[3].action == .link(.init(.around(.instance("w")), .loss(.percent(1)))))
    #expect(scenario.faults[4].action == .link(.init(.around(.instance("w")), .loss(.percent(50)))))
    #expect(windows[4].start == .seconds(240) && windows[4].end == .seconds(242))
    #expect(
      scenario.faults.suffix(2).map(\.action) == [
        .clock(.init(.instance("w"), .offset(.milliseconds(-250)))),
        .clock(.init(.instance("w"), .offset(.milliseconds(250)))),
      ])
  }

  @Test func `begins with its first fault and ends with its last`() throws {
    let scenario = try Self.scenario(
      """
        - { id: f, at: 60s, for: 2s, every: 10s, times: 3, crash: { on: r1 } }
        - { id: g, after: f.end + 1s, crash: { on: r2 } }
      """, claims: "eventually: [ { after: f.start, within: 60s, that: writes_ok } ]")
    #expect(
      scenario.faults[3].anchor
        == .after(FaultEdge(fault: "f-3", side: .end), offset: .seconds(1), jitter: .zero))
    #expect(scenario.claims.eventually[0].after == .edge(FaultEdge(fault: "f-1", side: .start)))
  }

  @Test(arguments: [
    (
      "{ id: f, at: 1s, times: 3, crash: { on: r1 } }",
      "series.yaml:9:29: faults[0].times: it belongs to 'every'"
    ),
    (
      "{ id: f, at: 1s, every: 3s, crash: { on: r1 } }",
      "series.yaml:9:29: faults[0].every: expected 'times' or 'until' beside it, not '3s'"
    ),
    (
      "{ id: f, at: 10s, every: 3s, until: 5s, crash: { on: r1 } }",
      "series.yaml:9:41: faults[0].until: the fault would begin 0 times; 2 to 1000 are possible"
    ),
    (
      "{ id: f, at: 1s, every: 8760h, times: 1000, crash: { on: r1 } }",
      "series.yaml:9:29: faults[0].every: the last of 1000 would begin more than 8760h after the first"
    ),
    (
      "{ id: f, at: 1s, for: 9s, ramp: { slow: 2x..6y, steps: 3 }, cpu: { on: w } }",
      "series.yaml:9:45: faults[0].ramp.slow: expected a range of two numbers with one unit, such as"
        + " 2x..6x, not '2x..6y'"
    ),
    (
      "{ id: f, at: 1s, for: 9s, ramp: { slow: 2x..6x }, cpu: { on: w } }",
      "series.yaml:9:37: faults[0].ramp: expected the number of 'steps', or 'every' beside it, not a"
        + " mapping"
    ),
    (
      "{ id: f, at: 1s, for: 9s, ramp: { slow: 2x..6x, steps: 3 }, cpu: { on: w, slow: 3x } }",
      "series.yaml:9:85: faults[0].cpu.slow: it stands under 'ramp', too"
    ),
    (
      "{ id: f, at: 1s, for: 9s, ramp: { fast: 2x..6x, steps: 3 }, cpu: { on: w } }",
      "series.yaml:9:70: faults[0].cpu.fast: unknown key; known here: on, slow"
    ),
  ])
  func `is refused where it says too little or too much`(fault: String, message: String) {
    #expect(Self.message(fault) == message)
  }

  @Test func `goes between numbers as large as can be written`() {
    let message = Self.message(
      "{ id: f, at: 1s, for: 9s, ramp: { offset: -9000000000000ms..9000000000000ms, steps: 1000 },"
        + " clock: { on: w } }")
    #expect(message.hasPrefix("series.yaml:9:"), "\(message)")
  }
}

@Suite struct `A target by lot` {
  private static func target(_ text: String) throws -> Target? {
    let scenario = try Scenario(
      yaml: """
        borealis: 1
        name: lot
        claim: Something holds.
        run: { horizon: 10m }
        cluster: { writer: { az: a }, readers: [ { id: r1, az: b }, { id: r2, az: c } ] }
        clients: [ { id: app, count: 3 } ]
        workload: [ { id: oltp, client: app, mix: pgbench-tpcb, concurrency: 1 } ]
        faults: [ { id: f, at: 1s, for: 1s, pause: { on: \(text) } } ]
        """, file: "lot.yaml")
    #expect(try Scenario(yaml: scenario.yaml, file: "plan.yaml") == scenario)
    guard case .process(let fault) = scenario.faults[0].action else { return nil }
    return fault.target
  }

  @Test func `is so many of several`() throws {
    #expect(try Self.target("2 of storage@b") == .lot(2, of: .storage(.b)))
    #expect(try Self.target("1 of readers") == .lot(1, of: .readers))
    #expect(try Self.target("2 of agents") == .lot(2, of: .agents(of: .instances(nil))))
  }

  @Test(arguments: [
    ("1 of writer", "expected a number of several, such as 2 of storage@b; writer is one"),
    ("5 of storage@b", "expected n of storage@b with n from 1 to 4, not '5 of storage@b'"),
    ("no of storage", "expected n of storage with n from 1 to 12, not 'no of storage'"),
    ("2 of storrage", "no target is called 'storrage'; did you mean 'storage'?"),
    ("2 of app", "expected database instances, storage nodes, agents, control-plane or name-server"),
  ])
  func `needs several to draw from, of the right kind`(text: String, message: String) {
    let error = #expect(throws: ScenarioError.self) { _ = try Self.target(text) }
    #expect(error?.description.contains(message) == true, "\(String(describing: error))")
  }
}
