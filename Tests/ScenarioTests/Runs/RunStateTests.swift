import Foundation
import Reports
import Simulation
import Testing

@testable import Scenarios

/// What `borealis run --until` shows.
@Suite struct `The state of a run` {
  private static let busy = TinyScenario(
    name: "busy", horizon: "6s", arrivals: "poisson(40/s)",
    faults: [
      "{ id: down, at: 2s, for: 2s, host_crash: { on: r2 } }",
      "{ id: node_down, at: 2s, for: 2s, host_crash: { on: \"storage@b[1]\" } }",
    ])

  private static func run() throws -> ScenarioRun {
    let scenario = try Scenario(yaml: busy.yaml, file: busy.file)
    return ScenarioRun(scenario, file: busy.file, seed: 7, build: "test")
  }

  @Test func `is looked at without changing the run`() throws {
    let undisturbed = try Self.run().execute()
    let run = try Self.run()
    var looks: [RunState] = []
    // Twice a second of virtual time: while loading, under load, while the end state is read.
    let disturbed = run.execute { _ in looks.append(run.state) }
    #expect(disturbed == undisturbed)
    #expect(looks.count > 20)
    // Sessions are seen at work, and at rest.
    let sessions = looks.flatMap { $0.instances.flatMap(\.sessions) }
    let waits = ["client", "lock", "processor", "durability of its commit", "page", "sleep"]
    #expect(sessions.allSatisfy { waits.contains($0.waitsFor) })
    #expect(sessions.contains { $0.state == "active" && !$0.statement.isEmpty })
    #expect(sessions.contains { $0.state == "idle" && $0.waitsFor == "client" })
  }

  @Test func `is that of the instant that was asked for`() throws {
    let state = try #require(try Self.run().state(at: .milliseconds(2_700)))
    #expect(state.instant == .start + .milliseconds(2_700))
    #expect(state.faults == ["down", "node_down"])
    #expect(state.hosts.filter { !$0.isUp }.map(\.name) == ["storage-b1", "r2"])
    #expect(state.groups.count == 2)
    #expect(
      state.groups.allSatisfy { $0.copies.filter { !$0.isServing }.map(\.host) == ["storage-b1"] })
    let writer = try #require(state.instances.first)
    #expect(writer.role == "writer" && writer.state == "available" && writer.epoch == "1 of w")
    #expect(try #require(writer.completeLSN) >= writer.durableLSN && writer.durableLSN > 0)
    #expect(!writer.sessions.isEmpty)
    // The same run, left off twice at one instant, is in one state.
    #expect(try Self.run().state(at: .milliseconds(2_700)) == state)
    #expect(try Self.run().state(at: .milliseconds(2_701)) != state)
  }

  @Test func `is printed by the command, in tables`() throws {
    let command = try BorealisCommand()
    try command.write(Self.busy.yaml, to: "busy.yaml")
    let outcome = try command.run(["run", "busy.yaml", "--seed", "7", "--until", "2700ms"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("state at 2.700000 s"))
    #expect(outcome.output.contains("faults on: down, node_down"))
    for line in outcome.output.split(separator: "\n") where line.hasPrefix("storage-b1 ") {
      #expect(line.contains("  b   down"))
    }
    #expect(!command.exists("Reports"), "nothing is written")
    for (instant, word) in [("9s", "--until: "), ("9", "--until"), ("soon", "--until")] {
      let outcome = try command.run(["run", "busy.yaml", "--until", instant])
      #expect(outcome.exitCode == 3 && outcome.errors.contains(word), "\(outcome.errors)")
    }
  }
}
