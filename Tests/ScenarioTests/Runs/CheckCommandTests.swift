import Foundation
import Testing

/// `borealis check` as it was built: a process for each seed, and what is left of them.
@Suite struct `The check command` {
  private static let crash = TinyScenario(
    name: "tiny", horizon: "6s", faults: ["{ id: crash, at: 2s +- 500ms, crash: { on: writer } }"])

  @Test func `gives the same table whatever the number of jobs, and keeps no passing run`() throws {
    let command = try BorealisCommand()
    try command.write(Self.crash.yaml, to: "tiny.yaml")
    for jobs in ["1", "3"] {
      let outcome = try command.run([
        "check", "tiny.yaml", "--seeds", "7..9", "--jobs", jobs, "--out", "check-\(jobs)",
        "--junit", "junit-\(jobs).xml",
      ])
      #expect(outcome.exitCode == 0, "\(outcome.output)\(outcome.errors)")
      #expect(outcome.output.contains("PASS  tiny, 3 seeds: 3 pass"), "\(outcome.output)")
      #expect(
        try command.contents(of: "check-\(jobs)").map(\.name) == [
          "campaign.sqlite", "probes.csv", "seeds.csv",
        ])
    }
    let table = try command.read("check-1/seeds.csv")
    #expect(table == (try command.read("check-3/seeds.csv")))
    #expect(try command.read("junit-1.xml") == command.read("junit-3.xml"))
    let rows = table.split(separator: "\r\n").dropFirst().map { $0.split(separator: ",") }
    #expect(rows.map { $0[0] } == ["7", "8", "9"])
    // The digest is that of the run that the user is told to make.
    _ = try command.run(["run", "tiny.yaml", "--seed", "8", "--out", "eight"])
    #expect(try command.read("eight/result.json").contains("\"digest\" : \"\(rows[1][4])\""))
  }

  @Test func `goes on where it was left off, and runs no seed again`() throws {
    let command = try BorealisCommand()
    try command.write(Self.crash.yaml, to: "tiny.yaml")
    func check(_ seeds: String, _ more: [String]) throws -> BorealisCommand.Outcome {
      try command.run(["check", "tiny.yaml", "--seeds", seeds, "--out", "check"] + more)
    }
    _ = try check("7..8", [])
    let first = try command.read("check/seeds.csv")
    let more = try check("7..9", ["--resume"])
    #expect(more.exitCode == 0, "\(more.output)\(more.errors)")
    #expect(more.output.contains("known         2 of 3 seeds are not run again"))
    let second = try command.read("check/seeds.csv")
    #expect(second.hasPrefix(first) && second.contains("\r\n9,pass,"))
    // What was not run twice is run again when it shall be.
    let replayed = try check("7..8", ["--resume", "--check-replay"])
    #expect(replayed.output.contains("replayed      2 seeds in a second process, each the same"))
    #expect(!replayed.output.contains("known"), "\(replayed.output)")
    // Another scenario has nothing in common with it.
    try command.write(
      Self.crash.yaml.replacingOccurrences(of: "horizon: 6s", with: "horizon: 7s"), to: "tiny.yaml")
    let other = try check("7..7", ["--resume"])
    #expect(!other.output.contains("known"), "\(other.output)")
  }

  @Test func `ends a run that comes to no end`() throws {
    let command = try BorealisCommand()
    let long = Self.crash.yaml.replacingOccurrences(of: "horizon: 6s", with: "horizon: 1000s")
    try command.write(long, to: "tiny.yaml")
    let outcome = try command.run([
      "check", "tiny.yaml", "--seeds", "7..7", "--cpu-limit", "1", "--out", "check",
    ])
    #expect(outcome.exitCode == 1)
    #expect(outcome.output.contains("CPU time limit exceeded"), "\(outcome.output)")
  }

  @Test func `stops when it is interrupted, and loses nothing that it knew`() throws {
    let command = try BorealisCommand()
    try command.write(Self.crash.yaml, to: "tiny.yaml")
    let check = ["check", "tiny.yaml", "--seeds", "1..40", "--jobs", "1", "--out", "check"]
    let running = try command.start(check)
    // The second seed begins when the first is kept.
    while running.process.isRunning, !command.exists("check/seed-2") { usleep(20_000) }
    running.process.interrupt()
    let outcome = try running.outcome()
    #expect(outcome.exitCode == 2, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains("seeds are left; go on with --resume"), "\(outcome.output)")
    #expect(!command.exists("check/seed-2"), "nothing is left of what was cut short")
    let again = try command.run([
      "check", "tiny.yaml", "--seeds", "1..3", "--out", "check", "--resume",
    ])
    #expect(again.exitCode == 0 && again.output.contains("known         "), "\(again.output)")
    let rows = try command.read("check/seeds.csv").split(separator: "\r\n").dropFirst()
    #expect(rows.map { $0.prefix(7) } == ["1,pass,", "2,pass,", "3,pass,"])
  }

  @Test func `notices a run that does not repeat`() throws {
    let command = try BorealisCommand()
    try command.write(
      Self.crash.yaml.replacingOccurrences(
        of: "1..1000000", with: "1..1000000, check_replay: 100%"),
      to: "tiny.yaml")
    let outcome = try command.run([
      "check", "tiny.yaml", "--seeds", "7..7", "--out", "check", "--plant", "foreign-entropy",
    ])
    #expect(outcome.exitCode == 4, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains("1 of them came to something else"))
    #expect(try command.read("check/seeds.csv").contains("7,nondeterministic,"))
  }

  @Test func `reduces a failing run to a file that fails in the same way`() throws {
    let command = try BorealisCommand()
    var failing = Self.crash
    failing.horizon = "8s"
    failing.faults.append("{ id: slow, at: 5s, for: 1s, disk: { on: \"storage@c[1]\", slow: 9x } }")
    try command.write(failing.yaml, to: "failing.yaml")
    let condition = "failover.client_seen > 1ms"
    let outcome = try command.run([
      "check", "failing.yaml", "--seeds", "7..7", "--out", "check", "--shrink", condition,
      "--quiet",
    ])
    #expect(outcome.exitCode == 1, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains("shrunk        check/tiny-seed-7.yaml"), "\(outcome.output)")
    let file = try command.read("check/tiny-seed-7.yaml")
    #expect(file.contains("fails as failing.yaml does under seed 7:\n# failover.client_seen max\n"))
    #expect(file.contains("id: crash") && !file.contains("id: slow"))
    let again = try command.run(["run", "check/tiny-seed-7.yaml", "--out", "again"])
    #expect(again.exitCode == 1 && again.output.contains("failover.client_seen max below 1ms"))
    #expect(!command.exists("check/candidate-0"), "nothing is left of candidates")
    let wrong = try command.run(["check", "failing.yaml", "--out", "x", "--shrink", "lag > 3"])
    #expect(wrong.exitCode == 3 && wrong.errors.hasPrefix("Error: --shrink:"))
  }

  @Test func `ends with 1, and keeps the report of each failure`() throws {
    let command = try BorealisCommand()
    var failing = Self.crash
    failing.eventually = ["{ after: crash.start, within: 1ms, that: writes_ok }"]
    try command.write(failing.yaml, to: "failing.yaml")
    let outcome = try command.run([
      "check", "failing.yaml", "--seeds", "7..8", "--out", "check", "--junit", "junit.xml",
    ])
    #expect(outcome.exitCode == 1)
    for seed in 7...8 {
      #expect(outcome.output.contains("borealis run failing.yaml --seed \(seed)"))
      #expect(command.exists("check/seed-\(seed)/report.html"))
    }
    #expect(try command.read("junit.xml").contains("tests=\"2\" failures=\"2\" errors=\"0\""))
  }

  @Test(arguments: [
    ["--seeds", "9..7"], ["--seeds", "7...9"], ["--seeds", "x"], ["--jobs", "0"],
  ])
  func `takes what makes no sense for wrong usage`(arguments: [String]) throws {
    let command = try BorealisCommand()
    try command.write(Self.crash.yaml, to: "tiny.yaml")
    let outcome = try command.run(["check", "tiny.yaml", "--out", "out"] + arguments)
    #expect(outcome.exitCode == 3)
    #expect(outcome.errors.contains(arguments[0]), "\(outcome.errors)")
    #expect(!command.exists("out"))
  }
}
