import ControlPlane
import Database
import Simulation
import Testing

@testable import Scenarios

/// Calls of the management API, made by an operator through the network of a whole run.
@Suite struct `An operator's call` {
  private func run(_ faults: [String]) throws -> (result: RunResult, failovers: Int) {
    let tiny = TinyScenario(name: "calls", horizon: "12s", faults: faults)
    let run = ScenarioRun(
      try Scenario(yaml: tiny.yaml, file: tiny.file), file: tiny.file, seed: 3, build: "test")
    let result = run.execute()
    let started = run.world.simulation.trace.events.all(FailoverStarted.self)
    return (result, started.count { $0.payload.isPlanned })
  }

  @Test func `acts if it is refused as expected while another failover is under way`() throws {
    let (result, failovers) = try run([
      "{ id: first, at: 3s, api: { call: FailoverDBCluster, on: r2 } }",
      "{ id: second, after: first.start + 5ms, "
        + "api: { call: FailoverDBCluster, expect: InvalidDBClusterStateFault } }",
    ])
    #expect(result.verdict == .pass, "\(result.reasons)")
    #expect(
      result.faults.map(\.evidence) == ["accepted", "refused: InvalidDBClusterStateFault"])
    #expect(failovers == 1)
    #expect(result.faults.allSatisfy { ($0.end ?? .start) > ($0.start ?? .start) })
  }

  /// Milliseconds are enough for the service's own part, since nothing has to be detected and the reader is
  /// promoted in its process; the old writer's restart and the clients' names come on top of it.
  @Test func `for a failover is carried out to its end`() throws {
    let tiny = TinyScenario(
      name: "calls", horizon: "12s", arrivals: "poisson(20/s)",
      faults: ["{ id: f, at: 3s, api: { call: FailoverDBCluster, on: r1 } }"])
    let run = ScenarioRun(
      try Scenario(yaml: tiny.yaml, file: tiny.file), file: tiny.file, seed: 3, build: "test")
    let result = run.execute()
    #expect(result.verdict == .pass, "\(result.reasons)")
    let origin = try #require(run.origin)
    let events = run.world.simulation.trace.events
    func first<Payload: TracePayload>(
      _ type: Payload.Type, where isWanted: (Payload) -> Bool = { _ in true }
    ) throws -> Instant {
      try #require(
        events.all(type).first { $0.instant > origin && isWanted($0.payload) }?.instant,
        "\(type)")
    }
    func engine(
      _ id: String, _ state: DatabaseInstance.State, _ role: DatabaseInstance.Role
    ) throws -> Instant {
      try first(EngineStateChanged.self) {
        $0.instance == id && $0.state == state && $0.role == role
      }
    }
    // The new writer recovers the volume, which fences the old one, and opens; then the name moves.
    let promoted = try first(InstancePromoted.self)
    let named = try #require(
      events.all(ZonePublished.self).first { $0.instant >= promoted }?.instant)
    let steps = [
      try first(FailoverStarted.self), try first(PromotionSent.self),
      try engine("r1", .recovering, .writer), try engine("r1", .available, .writer), promoted,
      named, try first(FailoverCompleted.self),
    ]
    #expect(steps == steps.sorted(), "\(steps)")
    let epochs = events.all(EngineStateChanged.self).filter {
      $0.payload.state == .available && $0.payload.role == .writer
    }.map(\.payload.epoch)
    #expect(epochs == epochs.sorted() && Set(epochs).count == 2, "\(epochs)")
    // The old writer's process ends with all its sessions, and starts again as a reader.
    let stopped = try engine("w", .stopped, .writer)
    let back = try engine("w", .available, .reader)
    #expect(stopped < steps[0] + .milliseconds(50) && back - stopped >= .milliseconds(500))
    // Clients have lost their sessions, and wait for the name as long as they keep the answer that they have.
    let outage = try #require(result.failovers.first?.longest)
    #expect(steps[6] - steps[0] < .milliseconds(50), "\(steps)")
    #expect(outage > steps[6] - steps[0], "\(outage)")
    #expect(result.workloads.flatMap(\.errors).contains { $0.count > 0 })
  }

  @Test func `makes the run prove nothing if the answer is another one`() throws {
    let (result, failovers) = try run([
      "{ id: f, at: 3s, api: { call: FailoverDBCluster, expect: InvalidDBInstanceState } }"
    ])
    #expect(result.verdict == .unknown)
    #expect(result.faults[0].evidence == "accepted, where InvalidDBInstanceState was expected")
    #expect(failovers == 1)
  }

  @Test func `does not cross a partition`() throws {
    let (result, failovers) = try run([
      "{ id: cut, at: 2s, for: 6s, partition: { between: [app, control-plane] } }",
      "{ id: here, at: 3s, api: { call: FailoverDBCluster, from: app, timeout: 2s } }",
    ])
    #expect(result.verdict == .unknown)
    #expect(!result.faults[1].tookEffect)
    #expect(result.faults[1].evidence == "no connection within 2s: nothing was asked")
    #expect(failovers == 0)
  }

  /// The call is made while nobody hears it, and taken on when its host next tries to connect, at 11 s.
  @Test func `is to blame from when the control plane takes it on`() throws {
    let tiny = TinyScenario(
      name: "late-call", horizon: "16s",
      faults: [
        "{ id: cut, at: 2s, for: 6s, isolate: { on: control-plane } }",
        "{ id: go, at: 4s, api: { call: FailoverDBCluster } }",
      ])
    let result = try tiny.run(seed: 1)
    #expect(result.failovers.last?.fault == "go", "\(result.failovers)")
    #expect(result.failovers.dropLast().allSatisfy { $0.fault == "cut" })
    let go = try #require(result.faults.first { $0.id == "go" })
    #expect(try #require(go.acted) > .start + .seconds(8) && go.start == .start + .seconds(4))
    #expect(result.failovers.last.map { $0.cause >= .start + .seconds(8) } == true)
  }

  @Test func `acts if no answer comes, where none was expected`() throws {
    let (result, _) = try run([
      "{ id: f, at: 3s, for: 3s, crash: { on: control-plane } }",
      "{ id: early, at: 4s, api: { call: RebootDBInstance, on: r1, expect: no_answer } }",
    ])
    #expect(result.faults[1].tookEffect)
    #expect(
      result.faults[1].evidence
        == "connection refused, for want of a control plane: nothing was asked")
    #expect(result.verdict == .pass, "\(result.reasons)")
  }

  @Test func `is not carried out by a control plane that stands still`() throws {
    let (result, failovers) = try run([
      "{ id: still, at: 3s, for: 3s, pause: { on: control-plane } }",
      "{ id: f, at: 4s, api: { call: FailoverDBCluster, timeout: 1s } }",
    ])
    #expect(result.faults[1].evidence == "no answer within 1s: it may have been carried out")
    #expect(!result.faults[1].tookEffect)
    #expect(failovers == 0)
  }

  @Test func `reboots each instance of its target`() throws {
    let (result, _) = try run([
      "{ id: f, at: 3s, api: { call: RebootDBInstance, on: readers } }"
    ])
    #expect(result.faults[0].victims == ["r1", "r2"])
    let wereDown = result.instances.map { $0.roles.contains { $0.role == .down } }
    #expect(wereDown == [false, true, true])
    #expect(result.verdict == .pass, "\(result.reasons)")
  }
}
