import Foundation
import Testing

/// `borealis check` as it was built: a process for each seed, and what is left of them.
@Suite struct `The check command` {
  private static let crash = TinyScenario(
    name: "tiny", horizon: "6s", faults: ["{ id: crash, at: 2s +- 500ms, crash: { on: writer } }"])

  @Test func `gives the same files whatever the number of jobs, and keeps the worst reports`()
    throws
  {
    let command = try BorealisCommand()
    try command.write(Self.crash.yaml, to: "tiny.yaml")
    var kept: [[String]] = []
    for jobs in ["1", "3"] {
      let outcome = try command.run([
        "check", "tiny.yaml", "--seeds", "7..11", "--jobs", jobs, "--out", "check-\(jobs)",
        "--junit", "junit-\(jobs).xml",
      ])
      #expect(outcome.exitCode == 0, "\(outcome.output)\(outcome.errors)")
      #expect(outcome.output.contains("PASS  tiny, 5 seeds: 5 pass"), "\(outcome.output)")
      #expect(outcome.output.contains("report        check-\(jobs)/report.html"))
      let names = try command.contents(of: "check-\(jobs)").map(\.name)
      let files = names.filter { !$0.contains("seed-") }
      #expect(files == ["campaign.sqlite", "probes.csv", "report.html", "seeds.csv"], "\(files)")
      kept.append(names.filter { $0.hasSuffix("/report.html") })
    }
    #expect(kept[0].count == 3 && kept[0] == kept[1], "\(kept)")
    #expect(try command.read("check-1/report.html") == command.read("check-3/report.html"))
    let junit = try command.read("junit-1.xml")
    #expect(junit.contains("name=\"seed 8\" file=\"tiny.yaml\" time=\""), "\(junit)")
    #expect(!junit.contains("time=\"0.000\""), "every run takes some time")
    #expect(junit.contains("<property name=\"report\" value=\"check-1/\(kept[0][0])\"/>"))
    let table = try command.read("check-1/seeds.csv")
    #expect(table == (try command.read("check-3/seeds.csv")))
    let rows = table.split(separator: "\r\n").dropFirst().map { $0.split(separator: ",") }
    #expect(rows.map { $0[0] } == ["7", "8", "9", "10", "11"])
    // The digest is that of the run that the user is told to make.
    _ = try command.run(["run", "tiny.yaml", "--seed", "8", "--out", "eight"])
    #expect(try command.read("eight/result.json").contains("\"digest\" : \"\(rows[1][5])\""))
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

  @Test func `gives a run that comes to no end a verdict of its own`() throws {
    let command = try BorealisCommand()
    let long = Self.crash.yaml.replacingOccurrences(of: "horizon: 6s", with: "horizon: 1000s")
    try command.write(long, to: "tiny.yaml")
    let outcome = try command.run([
      "check", "tiny.yaml", "--seeds", "7..7", "--cpu-limit", "1", "--out", "check", "--junit",
      "junit.xml",
    ])
    #expect(outcome.exitCode == 2)
    #expect(outcome.output.contains("CPU_LIMIT  tiny, 1 seeds: 1 cpu_limit"), "\(outcome.output)")
    #expect(outcome.output.contains("the run used up its CPU time"), "\(outcome.output)")
    #expect(try command.read("junit.xml").contains("failures=\"0\" errors=\"1\""))
    #expect(try command.read("junit.xml").contains("<error type=\"cpu_limit\""))
  }

  @Test func `takes folders and several files, a campaign for each scenario`() throws {
    let command = try BorealisCommand()
    for folder in ["set/deep"] {
      try FileManager.default.createDirectory(
        at: command.folder.appending(path: folder), withIntermediateDirectories: true)
    }
    var other = Self.crash
    other.name = "other"
    try command.write(Self.crash.yaml, to: "set/a.yaml")
    try command.write(other.yaml, to: "set/deep/b.yml")
    // A base that is no scenario by itself is not run.
    try command.write("cluster: { volume: { protection_groups: 1 } }\n", to: "set/base.yaml")
    try command.write("extends: ../base.yaml\n" + Self.crash.yaml, to: "set/deep/c.yaml")
    try command.write("nothing", to: "set/notes.txt")
    let outcome = try command.run([
      "check", "set", "set/a.yaml", "--seeds", "7..8", "--out", "check", "--junit", "junit.xml",
    ])
    #expect(outcome.exitCode == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains("PASS  3 of 3 scenarios pass\n"), "\(outcome.output)")
    for file in ["tiny/seeds.csv", "other/report.html", "tiny-2/report.html", "report.html"] {
      #expect(command.exists("check/\(file)"), "\(file)")
    }
    let junit = try command.read("junit.xml")
    #expect(junit.contains("<testsuites name=\"borealis\" tests=\"6\""), "\(junit)")
    #expect(junit.contains("<testsuite name=\"other\" file=\"set/deep/b.yml\""))
    // One bad file, and nothing runs.
    try command.write("borealis: 2\n", to: "set/bad.yaml")
    let bad = try command.run(["check", "set", "nowhere.yaml", "--out", "never"])
    #expect(bad.exitCode == 2 && !command.exists("never"))
    #expect(bad.errors.split(separator: "\n").count == 2, "\(bad.errors)")
    #expect(
      bad.errors.contains("set/bad.yaml:1:11") && bad.errors.contains("nowhere.yaml: there is no"))
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
    #expect(
      outcome.output.contains("INTERRUPTED  tiny, 1 of 40 seeds: 1 pass"), "\(outcome.output)")
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
    #expect(
      file.contains(
        "fails as failing.yaml does under seed 7:\n# failover.client_seen max\n# It was "))
    #expect(file.contains(" where below 1.00 ms was asked for; of the original, "), "\(file)")
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
    #expect(try command.read("junit.xml").contains("value=\"check/seed-7/report.html\""))
  }

  @Test(arguments: [
    ["--seeds", "9..7"], ["--seeds", "7...9"], ["--seeds", "x"], ["--jobs", "0"],
    ["--jobs", "2000"], ["--seeds", "0..18446744073709551615"],
    ["--seeds", "18446744073709551616"],
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
