import ControlPlane
import Simulation
import Testing
import Volume

@testable import Scenarios

/// Faults of the programs that lead a cluster and hold no data: host agents, control plane, name server.
@Suite struct `A fault of a program that leads` {
  /// A run, and what it told.
  private struct Story {
    let result: RunResult
    let events: [TraceEvent]

    init(
      _ faults: [String], horizon: String = "12s", heartbeatTimeout: String = "1s",
      eventually: [String] = []
    ) throws {
      let tiny = TinyScenario(
        name: "leaders", horizon: horizon, heartbeatTimeout: heartbeatTimeout, faults: faults,
        eventually: eventually)
      let scenario = try Scenario(yaml: tiny.yaml, file: tiny.file)
      let run = ScenarioRun(scenario, file: tiny.file, seed: 3, build: "test")
      result = run.execute()
      let origin = try #require(run.origin)
      events = run.world.simulation.trace.events.filter { $0.instant > origin }
    }

    /// The events of this name, by their subjects.
    func subjects(_ name: String) -> [String] {
      events.filter { $0.name == name }.map(\.subject.id)
    }

    func probe(_ name: String) -> Int? { result.probes.first { $0.name == name }?.count }

    var failedAttempts: Int {
      result.workloads.flatMap(\.errors).reduce(0) { $0 + $1.count }
    }
  }

  // MARK: Targets

  @Test(arguments: [
    ("agents", Target.agents(of: .instances(nil)), ["w", "r1", "r2"]),
    ("agents@b", .agents(of: .instances(.b)), ["r1"]),
    ("agent@writer", .agents(of: .writer), ["w"]),
    ("agent@readers", .agents(of: .readers), ["r1", "r2"]),
    ("agent@r2", .agents(of: .instance("r2")), ["r2"]),
    ("control-plane", .controlPlane, ["control-plane"]),
    ("name-server", .nameServer, ["name-server"]),
  ])
  func `names its victims, and ends them`(text: String, target: Target, victims: [String]) throws {
    let tiny = TinyScenario(
      name: "leaders", horizon: "3s", faults: ["{ id: f, at: 1s, crash: { on: \(text) } }"])
    let scenario = try Scenario(yaml: tiny.yaml, file: tiny.file)
    #expect(scenario.faults.map(\.action) == [.process(.init(target, .crash))])
    #expect(target.description == text)
    let fault = try #require(
      ScenarioRun(scenario, file: tiny.file, seed: 1, build: "test").execute().faults.first)
    #expect(fault.victims == victims)
    #expect(fault.tookEffect)
    #expect(
      fault.evidence == "\(victims.count) of \(victims.count) processes were running and ended")
  }

  // MARK: Agents

  @Test(arguments: [
    "{ id: f, at: 2s, crash: { on: agents } }",
    "{ id: f, at: 2s, for: 1s, kill_loop: { on: agents, every: 400ms } }",
  ])
  func `leaves the engines to run, and the next agents adopt them`(fault: String) throws {
    let undisturbed = try Story([], heartbeatTimeout: "3s")
    let story = try Story([fault], heartbeatTimeout: "3s")
    #expect(story.result.verdict == .pass, "\(story.result.reasons)")
    #expect(story.result.faults[0].tookEffect)
    #expect(Set(story.subjects("agent.engine_adopted")) == ["w", "r1", "r2"])
    #expect(story.probe("agent.engine_adopted") ?? 0 >= 3)
    for name in ["agent.engine_started", "agent.engine_crashed", "control.failover_started"] {
      #expect(story.subjects(name) == [], "\(name)")
    }
    #expect(story.failedAttempts == 0)
    #expect(
      story.result.workloads.map(\.committed) == undisturbed.result.workloads.map(\.committed))
  }

  @Test func `that stands still is as one that is silent for a moment`() throws {
    let story = try Story(["{ id: f, at: 2s, for: 700ms, pause: { on: agent@writer } }"])
    #expect(story.result.faults[0].tookEffect)
    #expect(story.subjects("agent.engine_adopted") == [], "it is the same agent as before")
    #expect(story.subjects("control.suspected") == [])
    #expect(story.failedAttempts == 0)
  }

  /// Nobody speaks for an engine whose agent is held down, so that it is replaced though it works.
  @Test func `for too long has a living writer replaced, which the next agent finds fenced`() throws
  {
    let story = try Story(
      ["{ id: f, at: 2s, for: 4s, crash: { on: agent@w } }"], horizon: "14s",
      eventually: ["{ after: f.end, within: 7s, that: writes_ok and instances_ok }"])
    #expect(story.result.verdict == .pass, "\(story.result.reasons)")
    let failover = try #require(story.result.failovers.first)
    #expect(failover.kind == .failover && failover.oldWriter == "w" && failover.newWriter == "r1")
    #expect(failover.fault == "f")
    #expect(story.subjects("agent.engine_crashed") == [])
    #expect(story.subjects("agent.engine_started").contains("w"), "it comes back as a reader")
  }

  @Test(arguments: [
    "{ id: f, at: 2s, for: 1ns, pause: { on: agents } }",
    "{ id: f, at: 2s, for: 1ns, pause: { on: control-plane } }",
    "{ id: f, at: 2s, for: 1ns, pause: { on: name-server } }",
    "{ id: f, at: 2s, may_miss: yes, crash: { on: agents@c } }",
  ])
  func `of no intensity changes nothing`(fault: String) throws {
    func result(_ faults: [String]) throws -> RunResult {
      var tiny = TinyScenario(name: "leaders", horizon: "6s", faults: faults)
      tiny.zones = "abb"
      return try tiny.run(seed: 5)
    }
    let (without, with) = (try result([]), try result([fault]))
    // Only a run with faults tells apart what happened outside, during and after them.
    let workloads = with.workloads.map { workload in
      var whole = workload
      whole.windows = []
      return whole
    }
    #expect(workloads == without.workloads)
    #expect(with.series == without.series)
    for kind in [Meter.Kind.redoRecords, .redoBatches, .redoBytes, .writeIOs, .readIOs] {
      #expect(with.total(of: kind) == without.total(of: kind), "\(kind.name)")
    }
  }

  // MARK: The control plane

  /// It has the term and the writer on its disk, and the instances tell it the rest.
  @Test func `that decides on failovers delays one, and no more`() throws {
    let story = try Story(
      [
        "{ id: blind, at: 2s, for: 3s, crash: { on: control-plane } }",
        "{ id: down, at: 2500ms, for: 8s, host_crash: { on: w } }",
      ], horizon: "16s",
      eventually: ["{ after: blind.end, within: 6s, that: writes_ok }"])
    #expect(story.result.verdict == .pass, "\(story.result.reasons)")
    #expect(story.result.failovers.map(\.newWriter) == ["r1"])
    let started = try #require(story.events.all(ControlPlaneStarted.self).first)
    #expect(started.payload.starts == 2 && started.payload.term == 1)
    #expect(started.payload.writer == "w")
    let elected = try #require(story.events.all(CandidateElected.self).first)
    #expect(elected.instant > started.instant)
    #expect(elected.payload.term == 2)
    #expect(story.subjects("control.term_learned") == [])
  }

  /// A failover under way survives it.
  @Test(arguments: [3_200, 3_400, 3_500, 3_600, 3_800] as [Int])
  func `that is killed again and again in the midst of a failover ends with one writer`(
    milliseconds: Int
  ) throws {
    let story = try Story(
      [
        "{ id: down, at: 2s, for: 9s, host_crash: { on: w } }",
        "{ id: f, at: \(milliseconds)ms, for: 2s, kill_loop: { on: control-plane, every: 1100ms } }",
      ], horizon: "16s", eventually: ["{ after: f.end, within: 9s, that: writes_ok }"])
    #expect(story.result.verdict == .pass, "\(story.result.reasons)")
    #expect(story.result.failovers.count == 1)
  }

  /// Its disk is blank when it comes back, and it hears from the agents what term they are in.
  @Test func `that has lost its memory learns the term, and is obeyed`() throws {
    let story = try Story(
      [
        "{ id: first, at: 1s, for: 3s, host_crash: { on: w } }",
        "{ id: blank, at: 7s, for: 1s, host_loss: { on: control-plane } }",
        "{ id: second, at: 11s, for: 6s, host_crash: { on: writer } }",
      ], horizon: "20s", eventually: ["{ after: second.start, within: 7s, that: writes_ok }"])
    #expect(story.result.verdict == .pass, "\(story.result.reasons)")
    let started = try #require(story.events.all(ControlPlaneStarted.self).first)
    #expect(started.payload.starts == 1 && started.payload.term == 1)
    // Of the term from whoever speaks first, and of the writer from itself.
    let learned = story.subjects("control.term_learned")
    #expect(learned.last == "r1" && learned.count == story.probe("control.term_learned"))
    #expect(story.result.failovers.map(\.oldWriter) == ["w", "r1"])
    let terms = story.events.all(CandidateElected.self).map(\.payload.term)
    #expect(terms == [2, 3])
  }

  /// Its writer is silent for a second and more, and there is no reader to promote.
  @Test func `or a cable to it leaves the writer where there is nobody to promote`() throws {
    let story = try Story(
      [
        "{ id: alone, at: 1s, for: 7s, host_crash: { on: readers } }",
        "{ id: deaf, at: 3s, for: 2s, partition: { between: [writer, control-plane] } }",
      ], horizon: "14s")
    #expect(story.result.verdict == .pass, "\(story.result.reasons)")
    #expect(story.subjects("control.no_candidate") == ["database-1"])
    #expect(story.subjects("control.writer_returned") == ["w"])
    #expect(story.probe("control.writer_returned") == 1)
    #expect(story.result.failovers.isEmpty)
    #expect(story.failedAttempts == 0, "the writer works all the while")
  }

  // MARK: The name server

  @Test func `takes the names away, which are back with the program`() throws {
    let story = try Story(
      [
        "{ id: f, at: 2s, for: 2s, crash: { on: name-server } }",
        "{ id: cut, at: 2500ms, for: 100ms, reset: { between: [app, writer] } }",
      ], eventually: ["{ after: f.end, within: 5s, that: writes_ok }"])
    #expect(story.result.verdict == .pass, "\(story.result.reasons)")
    #expect(story.result.failovers.isEmpty)
    // Sessions that were reset cannot find the writer before the names are back.
    let slowest = try #require(story.result.workloads.map(\.latency.max).max())
    #expect(slowest > .milliseconds(1_400), "\(slowest)")
  }

  // MARK: Chaos

  @Test func `is drawn by chaos, and costs no copy`() throws {
    var tiny = TinyScenario(name: "leaders", horizon: "30s", faults: [])
    tiny.zones = "abc"
    var scenario = try Scenario(yaml: tiny.yaml, file: tiny.file)
    scenario.chaos = Scenario.Chaos(
      families: [
        "crash", "pause", "kill_loop", "host_crash", "host_loss", "isolate", "lost_fsync",
      ],
      window: .seconds(1)...(.seconds(20)), copiesLost: 0)
    var drawn = LookupTable<String, Int>()
    for seed in 1...300 as ClosedRange<UInt64> {
      for fault in scenario.unfolded(seed: seed).faults {
        drawn["\(fault.action.keyword) \(fault.action.targets)", default: 0] += 1
      }
    }
    for keyword in ["crash", "pause", "kill_loop"] {
      for target in ["agents", "agent@writer", "agent@r2", "control-plane", "name-server"] {
        #expect(drawn["\(keyword) \(target)"] ?? 0 > 0, "\(keyword) of \(target)")
      }
    }
    for keyword in ["host_crash", "host_loss", "isolate", "lost_fsync"] {
      #expect(drawn["\(keyword) control-plane"] ?? 0 > 0, "\(keyword) of control-plane")
    }
    // Not one copy may be away, so no storage node is struck.
    #expect(drawn.sortedByKey().allSatisfy { !$0.key.contains("storage") })
  }
}
