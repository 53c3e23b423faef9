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
      #expect(try command.contents(of: "check-\(jobs)").map(\.name) == ["seeds.csv"])
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
