import Testing

/// What the program takes for granted while it runs, and how it says that it does not hold.
@Suite struct `A run` {
  private static let busy = TinyScenario(
    name: "busy", horizon: "6s", faults: ["{ id: down, at: 1s, for: 1s, host_crash: { on: r2 } }"])

  private static func command() throws -> BorealisCommand {
    let command = try BorealisCommand()
    var scenario = busy
    (scenario.arrivals, scenario.connections) = ("poisson(60/s)", 8)
    scenario.moreWorkloads = [
      "id: counters, mix: counters, counters: 1", "id: names, mix: registry",
    ]
    try command.write(scenario.yaml, to: "busy.yaml")
    return command
  }

  @Test func `is refused in a process of two threads`() throws {
    let outcome = try Self.command().run(["run", "busy.yaml", "--plant", "foreign-thread"])
    #expect(outcome.exitCode == 2)
    #expect(outcome.errors.contains("before the run: expected one thread in this process, found 2"))
  }

  /// Seen as it happens, and not only by what comes of it.
  @Test func `stops where an invariant of a structure does not hold, if it looks twice`() throws {
    let outcome = try Self.command().run([
      "run", "busy.yaml", "--paranoid", "--plant", "database.grants_beside_others",
    ])
    #expect(outcome.exitCode == nil)
    #expect(outcome.errors.contains("an invariant does not hold: a lock is granted beside one"))
    #expect(outcome.output.contains("seed "), "the seed is printed first")
  }
}
