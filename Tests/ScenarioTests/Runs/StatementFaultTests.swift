import Simulation
import Testing

@testable import Scenarios

/// Statements as faults, and faults that find nothing to act on.
@Suite struct `A fault in a run` {
  private static func faults(
    _ lines: [String], horizon: String = "12s"
  ) throws -> (_ id: String) throws -> FaultResult {
    let tiny = TinyScenario(name: "statements", horizon: horizon, faults: lines)
    let result = try tiny.run(seed: 3)
    return { id in try #require(result.faults.first { $0.id == id }) }
  }

  @Test func `that is a statement acts if it is answered as expected`() throws {
    func line(_ id: String, _ at: String, _ text: String, _ more: String = "") -> String {
      "{ id: \(id), at: \(at), may_miss: yes, sql: { on: writer, text: \"\(text)\"\(more) } }"
    }
    let fault = try Self.faults([
      line("tag", "1s", "SELECT 1", ", expect: SELECT 1"),
      line("row", "1s", "SELECT 41 + 1, 'x'", ", expect: 42|x"),
      line("other", "1s", "SELECT 41", ", expect: 42"),
      line("error", "1s", "SELECT 1/0"),
      line("wanted", "1s", "SELECT 1/0", ", expect: 22012"),
      line("wrong", "1s", "SELECT 1/0", ", expect: 40P01"),
      line("table", "1s", "CREATE TABLE held (id int PRIMARY KEY)"),
      "{ id: holder, at: 2s, for: 3s, sql: { on: writer, "
        + "text: \"BEGIN; INSERT INTO held VALUES (1)\", hold: yes } }",
      line("impatient", "2500ms", "SELECT pg_sleep(2)", ", timeout: 500ms"),
      line("silent", "2600ms", "SELECT pg_sleep(2)", ", timeout: 500ms, expect: no_answer"),
      line("patient", "4s", "INSERT INTO held VALUES (1)"),
    ])
    func expect(
      _ id: String, acts: Bool, _ evidence: String, location: SourceLocation = #_sourceLocation
    ) throws {
      let result = try fault(id)
      #expect(result.tookEffect == acts, sourceLocation: location)
      #expect(result.evidence == evidence, sourceLocation: location)
    }
    try expect("tag", acts: true, "answered SELECT 1")
    try expect("row", acts: true, "answered SELECT 1")
    try expect("other", acts: false, "answered SELECT 1: 41, where 42 was expected")
    try expect("error", acts: false, "22012")
    try expect("wanted", acts: true, "22012")
    try expect("wrong", acts: false, "22012, where 40P01 was expected")
    try expect("holder", acts: true, "answered INSERT 0 1")
    try expect("impatient", acts: false, "timed out")
    try expect("silent", acts: true, "timed out")
    try expect("patient", acts: true, "answered INSERT 0 1")
    // The lock went with the session that was held, and not before.
    let end = try #require(try fault("patient").end)
    #expect(end >= moment(5) && end < moment(5.5))
    #expect(try fault("holder").end == moment(5))
  }

  /// Nobody was told to do anything: neither a statement nor a storm has acted.
  @Test func `does not act on an instance that is not to be heard`() throws {
    let fault = try Self.faults([
      "{ id: down, at: 1s, for: 8s, host_crash: { on: r1 } }",
      "{ id: unheard, at: 2s, may_miss: yes, sql: { on: r1, text: SELECT 1 } }",
      "{ id: storm, at: 2s, for: 5s, may_miss: yes, connection_storm: { on: r1, connections: 5 } }",
      "{ id: stopped, at: 2s, for: 8s, crash: { on: r2 } }",
      "{ id: refused, at: 3s, may_miss: yes, sql: { on: r2, text: SELECT 1 } }",
      "{ id: mild, at: 3s, for: 1s, may_miss: yes, memory: { on: w, take: 1% } }",
    ])
    for id in ["down", "stopped"] { #expect(try fault(id).tookEffect) }
    for id in ["unheard", "storm", "refused", "mild"] {
      let result = try fault(id)
      #expect(!result.tookEffect, "\(id): \(result.evidence)")
    }
    #expect(try fault("unheard").evidence == "timed out: nothing was sent")
    #expect(try fault("refused").evidence == "connection refused: nothing was sent")
    #expect(
      try fault("storm").evidence
        == "0 connections opened, 0 refused for want of room, 5 timed out")
    #expect(try fault("mild").evidence.hasSuffix("MiB taken, and nobody needed them"))
  }

  @Test func `strikes so many of several, and others each time`() throws {
    let tiny = TinyScenario(
      name: "lots", horizon: "6s",
      faults: [
        "{ id: f, at: 1s, for: 100ms, every: 200ms, times: 8, pause: { on: 2 of storage@b } }",
        "{ id: g, at: 3s, for: 100ms, every: 200ms, times: 8, pause: { on: 1 of storage } }",
      ])
    let result = try tiny.run(seed: 3)
    let pairs = result.faults.filter { $0.id.hasPrefix("f-") }.map(\.victims)
    #expect(pairs.allSatisfy { $0 == ["storage-b0", "storage-b1"] } && pairs.count == 8)
    let single = result.faults.filter { $0.id.hasPrefix("g-") }.map(\.victims)
    #expect(single.allSatisfy { $0.count == 1 } && Set(single).count > 2)
    #expect(result.faults.allSatisfy { $0.tookEffect })
  }
}
