import Database
import Simulation
import Testing
import Volume

@testable import Scenarios

/// `aurora_replica_status()` in a whole cluster: what drivers learn its topology from.
@Suite struct `The status of all instances` {
  /// Asks one instance, or the cluster endpoint, for one row of text for each row of its answer.
  private static func ask(
    _ world: World, _ instance: String?, _ columns: String
  ) throws -> [[String?]] {
    var answer: [[String?]]?
    let console = world.console
    console.process.spawn {
      do {
        let connection =
          if let host = instance.flatMap(world.instance)?.host {
            try await console.connect(to: host.id)
          } else {
            try await console.connect()
          }
        let result = try await connection.query("SELECT \(columns) FROM aurora_replica_status()")
        connection.close()
        let count = columns.split(separator: ",").count
        answer = result.rows.indices.map { row in
          (0..<count).map { result.text(row: row, column: $0) }
        }
      } catch let error as ProcessEnded {
        throw error
      } catch {
        Issue.record("\(error)")
        answer = []
      }
    }
    advance(world, by: 2) { answer != nil }
    return try #require(answer, "no answer")
  }

  private static func advance(
    _ world: World, by seconds: Int64, until isDone: () -> Bool = { false }
  ) {
    for _ in 0..<seconds * 10 where !isDone() {
      world.simulation.loop.run(until: world.simulation.now + .milliseconds(100))
    }
  }

  private static func world() throws -> World {
    let scenario = TinyScenario(
      name: "status", faults: ["{ id: down, at: 1s, for: 1s, host_crash: { on: r2 } }"])
    let world = World(
      scenario: try Scenario(yaml: scenario.yaml, file: scenario.file), seed: 3,
      defects: PlantedDefects())
    advance(world, by: 20) { world.isWhole }
    #expect(world.isWhole)
    advance(world, by: 3)
    return world
  }

  @Test func `is the same wherever one asks, but for who answers`() throws {
    let world = try Self.world()
    for instance in ["w", "r1", "r2"] {
      let rows = try Self.ask(
        world, instance,
        "server_id, session_id = 'MASTER_SESSION_ID', replica_lag_in_msec IS NULL,"
          + " last_update_timestamp IS NULL, current_read_lsn IS NULL, durable_lsn > 0")
      #expect(rows.map { $0[0] } == ["w", "r1", "r2"], "asked \(instance)")
      #expect(rows.map { $0[1] } == ["t", "f", "f"])
      #expect(rows.map { $0[2] } == ["t", "f", "f"], "only a reader has a lag")
      #expect(rows.map { $0[3] } == rows.map { $0[0] == instance ? "t" : "f" })
      #expect(rows.map { $0[4] } == ["t", "f", "f"])
      #expect(rows.allSatisfy { $0[5] == "t" })
    }
    world.simulation.shutDown()
  }

  @Test func `tells how busy each instance is, and what readers hold back`() throws {
    let world = try Self.world()
    for instance in ["w", "r1"] {
      let rows = try Self.ask(
        world, instance,
        "server_id, cpu >= 0 AND cpu < 20, feedback_xmin > 0, oldest_read_view_lsn <= durable_lsn")
      #expect(
        rows == [["w", "t", nil, nil], ["r1", "t", "t", "t"], ["r2", "t", "t", "t"]],
        "asked \(instance)")
    }
    // A loaded writer has more to do than its readers.
    let neighbour = try #require(world.instance("w")).host.start("neighbour")
    neighbour.spawn {
      while true {
        try await neighbour.compute(.milliseconds(50))
        try await neighbour.sleep(for: .milliseconds(50))
      }
    }
    Self.advance(world, by: 4)
    let rows = try Self.ask(world, "r1", "server_id, cpu > 20")
    #expect(rows == [["w", "t"], ["r1", "f"], ["r2", "f"]])
    world.simulation.shutDown()
  }

  @Test func `tells how a reader's stream fares`() throws {
    let world = try Self.world()
    let columns =
      "server_id, length(session_id) = 36, log_stream_speed_in_kib_per_second > 0.1,"
      + " read_ios >= 0, pending_read_ios, highest_lsn_rcvd >= current_read_lsn,"
      + " (last_transport_error = 0) = (last_error_timestamp IS NULL)"
    for instance in ["w", "r1"] {
      #expect(
        try Self.ask(world, instance, columns) == [
          ["w", "f", nil, nil, nil, nil, "t"], ["r1", "t", "t", "t", "0", "t", "t"],
          ["r2", "t", "t", "t", "0", "t", "t"],
        ], "asked \(instance)")
    }
    let before = try Self.ask(world, "r2", "server_id, session_id")
    // The writer's host dies without a word, and the readers hear nothing for a second.
    try #require(world.instance("w")).host.crash()
    Self.advance(world, by: 20) { world.writer?.identifier == "r1" }
    Self.advance(world, by: 3)
    // A connection that was refused may have been the last of it.
    #expect(
      try Self.ask(
        world, "r2",
        "server_id, last_transport_error > 100, now() - last_error_timestamp < '20 seconds'")
        == [["r1", "f", nil], ["r2", "t", "t"]])
    let after = try Self.ask(world, "r2", "server_id, session_id")
    #expect(after.last == before.last, "the process of r2 is the same")
    world.simulation.shutDown()
  }

  /// A reader that is gone is not in the news any more, and what is shown of it grows old.
  @Test func `keeps what was heard last of a reader that is gone`() throws {
    let world = try Self.world()
    let age = "server_id, now() - last_update_timestamp > '4 seconds'"
    #expect(try Self.ask(world, "w", age) == [["w", nil], ["r1", "f"], ["r2", "f"]])
    try #require(world.instance("r2")).host.crash()
    Self.advance(world, by: 6)
    #expect(try Self.ask(world, "w", age) == [["w", nil], ["r1", "f"], ["r2", "t"]])
    #expect(try Self.ask(world, "r1", age) == [["w", "f"], ["r1", nil], ["r2", "t"]])
    world.simulation.shutDown()
  }

  @Test func `names the new writer after a failover, and nobody else`() throws {
    let world = try Self.world()
    try #require(world.instance("w")).host.crash()
    Self.advance(world, by: 20) { world.writer?.identifier == "r1" }
    Self.advance(world, by: 3)
    for instance in ["r1", "r2"] {
      let rows = try Self.ask(world, instance, "server_id, session_id")
      #expect(rows.map { $0[0] } == ["r1", "r2"], "asked \(instance)")
      #expect(rows.filter { $0[1] == "MASTER_SESSION_ID" }.map { $0[0] } == ["r1"])
    }
    world.simulation.shutDown()
  }
}
