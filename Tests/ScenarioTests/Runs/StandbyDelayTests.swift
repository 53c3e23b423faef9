import Simulation
import Testing

@testable import Scenarios

/// `max_standby_streaming_delay` in a whole cluster.
@Suite struct `A statement in the way of what a reader applies` {
  /// A reader's statement that began at 2 s, and the writer's lock on the table at 4 s.
  private static func reading(_ parameters: [String]) throws -> FaultResult {
    func statement(_ id: String, _ at: String, _ on: String, _ text: String) -> String {
      "{ id: \(id), at: \(at), sql: { on: \(on), text: \"\(text)\" } }"
    }
    let result = try TinyScenario(
      name: "standby-delay", horizon: "24s", arrivals: "poisson(1/s)", parameters: parameters,
      faults: [
        statement("table", "1s", "w", "CREATE TABLE held (id int PRIMARY KEY)"),
        "{ id: reading, at: 2s, sql: { on: r1, expect: 40001, "
          + "text: \"BEGIN; SELECT count(*) FROM held; SELECT pg_sleep(20)\" } }",
        statement("drop", "4s", "w", "DROP TABLE held"),
      ]
    ).run(seed: 3)
    #expect(result.verdict == .pass, "\(result.reasons)")
    return try #require(result.faults.first { $0.id == "reading" })
  }

  @Test(arguments: [
    (["max_standby_streaming_delay: 2500ms"], 6.5), ([], 18.0),
  ])
  func `is cancelled after the time that the cluster is configured with`(
    parameters: [String], end: Double
  ) throws {
    let fault = try Self.reading(parameters)
    #expect(fault.evidence == "40001")
    let ended = try #require(fault.end)
    #expect(ended >= moment(end) && ended < moment(end + 0.2), "\(ended)")
  }
}
