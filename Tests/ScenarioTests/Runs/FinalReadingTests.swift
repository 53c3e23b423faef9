import Database
import Simulation
import Testing
import Wire

@testable import Scenarios

/// The reading of the end state, on which every verdict about commits rests.
@Suite struct `The final reading` {
  private static func run(_ tiny: TinyScenario) throws -> (run: ScenarioRun, horizon: Instant) {
    let scenario = try Scenario(yaml: tiny.yaml, file: tiny.file)
    let run = ScenarioRun(scenario, file: tiny.file, seed: 3, build: "test")
    try #require(run.open())
    let origin = try #require(run.origin)
    return (run, origin + scenario.run.horizon)
  }

  // MARK: A server that is full

  /// Sessions of applications that take every connection they can get, and keep it.
  private final class Hoard {
    private(set) var connections: [DatabaseConnection] = []
    private(set) var refusal: ErrorFields?

    init(of world: World, at start: Instant) throws {
      let writer = try #require(world.writer)
      let console = world.console
      console.process.spawn { [self] in
        try await console.process.sleep(until: start)
        do {
          while true { connections.append(try await console.connect(to: writer.host.id)) }
        } catch let error as ErrorFields {
          refusal = error
        }
      }
    }
  }

  @Test func `gets an answer from a server that applications have filled`() throws {
    let (run, horizon) = try Self.run(
      TinyScenario(
        name: "full-server", horizon: "12s",
        faults: ["{ id: storm, at: 8s, for: 4s, connection_storm: { on: w, connections: 100 } }"]))
    let world = run.world
    let writer = try #require(world.writer)
    let most = writer.configuration.maximumConnections
    let hoard = try Hoard(of: world, at: horizon - .seconds(7))
    // What the storm gives back when it ends goes to the next who asks.
    let second = try Hoard(of: world, at: horizon + .seconds(2))
    // When the end state is read, and shortly before.
    var counts: [Int] = []
    for second in [0, 15, 21] as [Int64] {
      world.simulation.loop.schedule(at: horizon + .seconds(second)) {
        counts.append(writer.connectionCount)
      }
    }
    let result = run.finish()
    #expect(hoard.refusal?.sqlState == "53300" && second.refusal?.sqlState == "53300")
    #expect(
      second.refusal?.message.hasPrefix("remaining connection slots are reserved") == true)
    // All but the three that are reserved for the service.
    #expect(counts.first == most - 3, "\(counts) of \(most)")
    #expect(counts.last ?? 0 >= most - 3, "\(counts) of \(most)")
    #expect(hoard.connections.count + second.connections.count > most / 2)
    #expect(result.recoveryPoint.isComplete)
    #expect(result.recoveryPoint.lostCount == 0)
    #expect(result.verdict == .pass, "\(result.reasons)")
  }

  // MARK: A reading that is broken off

  /// The last of the statements with which each script reads the end state.
  private static let lastStatements = [
    "SELECT tid, bid, aid, delta FROM pgbench_history",
    "SELECT client, sequence FROM bank_transfers",
    "SELECT k, v FROM lists ORDER BY k",
  ]

  /// The reading is begun anew, and what the scripts before the last have read counts once.
  @Test(arguments: lastStatements)
  func `gives the same answer when it was broken off and is taken again`(statement: String) throws {
    let tiny = TinyScenario(
      name: "broken-reading", horizon: "5s", arrivals: "poisson(20/s)", faults: [])
    let undisturbed = try Self.run(tiny).run.finish()
    #expect(undisturbed.verdict == .pass && undisturbed.recoveryPoint.isComplete)

    let (run, horizon) = try Self.run(tiny)
    let world = run.world
    var crashes = 0
    /// Looks again and again until the statement is seen at work, and ends the server under it.
    func watch() {
      guard crashes == 0, let writer = world.writer else { return }
      if writer.sessions.contains(where: { $0.state == .active && $0.statement == statement }) {
        crashes += 1
        writer.process?.end()
      } else {
        world.simulation.loop.schedule(at: world.simulation.now + .microseconds(5)) { watch() }
      }
    }
    world.simulation.loop.schedule(at: horizon + .seconds(20)) { watch() }
    let result = run.finish()
    #expect(crashes == 1, "the statement was seen")
    #expect(result.recoveryPoint.isComplete)
    #expect(result.recoveryPoint.acknowledgedCount == undisturbed.recoveryPoint.acknowledgedCount)
    #expect(result.recoveryPoint.survivingCount == undisturbed.recoveryPoint.survivingCount)
    #expect(result.recoveryPoint.acknowledgedCount > 100)
    #expect(result.recoveryPoint.lostCount == 0, "\(result.recoveryPoint.lost)")
    #expect(result.verdict == .pass, "\(result.reasons)")
  }

  /// Whatever mix there is: asked twice, a script names the same transactions.
  @Test func `is the same each time that a script takes it`() throws {
    var tiny = TinyScenario(name: "twice", horizon: "5s", arrivals: "poisson(20/s)", faults: [])
    tiny.moreWorkloads = [
      "counters", "savepoints", "registry", "batches", "definitions", "reports",
      "impatient",
    ].map { "id: \($0), mix: \($0)" }
    let (run, _) = try Self.run(tiny)
    #expect(run.scripts.map(\.mix).sorted() == Mix.kinds.map { $0.name }.sorted())
    run.advance(to: .seconds(4))
    var answers: [String: [[TransactionToken]]] = [:]
    let console = run.world.console
    let scripts = run.scripts
    console.process.spawn {
      let connection = try await console.connect(as: .service)
      // Nothing is written meanwhile that could be seen.
      _ = try await connection.query("BEGIN ISOLATION LEVEL REPEATABLE READ")
      for _ in 1...2 {
        for (mix, script) in scripts {
          answers[mix, default: []].append(try await script.survivors(through: connection))
        }
      }
      connection.close()
    }
    _ = run.finish()
    for (mix, _) in scripts {
      let twice = try #require(answers[mix])
      #expect(twice.count == 2 && twice[0] == twice[1], "\(mix)")
      #expect(!twice[0].isEmpty, "\(mix)")
    }
  }
}
