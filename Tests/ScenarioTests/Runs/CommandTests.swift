import Foundation
import Testing

/// The command as it was built, in a process of its own: what it prints, what it writes, how it ends.
@Suite struct `The borealis command` {
  /// A writer that crashes and comes back; three seconds of virtual time after it.
  private static let crash = TinyScenario(
    name: "tiny", horizon: "6s", faults: ["{ id: crash, at: 2s +- 500ms, crash: { on: writer } }"])

  // MARK: Bad files

  @Test(arguments: BadFile.all)
  func `refuses a bad file with one line, exit code 2, and no other trace`(bad: BadFile) throws {
    let command = try BorealisCommand()
    if let text = bad.text { try command.write(text, to: "bad.yaml") }
    for arguments in [
      ["run", "bad.yaml", "--seed", "7", "--out", "out"], ["explain", "bad.yaml"],
    ] {
      let outcome = try command.run(arguments)
      #expect(outcome.exitCode == 2)
      #expect(outcome.output == "")
      let lines = outcome.errors.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.count == 2 && lines.last == "", "one line, and its end: \(outcome.errors)")
      #expect(lines[0].hasPrefix("Error: bad.yaml:\(bad.message)"), "\(outcome.errors)")
      #expect(!command.exists("out") && !command.exists("Reports"))
    }
  }

  @Test func `takes wrong usage for exit code 3`() throws {
    let command = try BorealisCommand()
    try command.write(Self.crash.yaml, to: "tiny.yaml")
    for arguments in [["run"], ["walk"], ["run", "tiny.yaml", "--seed", "x"], ["replay"]] {
      let outcome = try command.run(arguments)
      #expect(outcome.exitCode == 3, "\(arguments)")
      #expect(outcome.output == "" && outcome.errors.hasPrefix("Error: "))
    }
    for (arguments, expected) in [
      (["--seed", "-1"], "'-1' is invalid for '--seed <seed>': expected a whole number from 0 to"),
      (["--cpu-limit", "-5"], "--cpu-limit: expected at least 1 second, found -5"),
      (["--until", "72"], "'--until <instant>': expected a duration with its unit, such as 72.5s"),
      (
        ["--trace", "perfetto", "--trace-window", "2s..1s"],
        "expected two instants with their units, such as 55s..75s"
      ),
    ] {
      let outcome = try command.run(["run", "tiny.yaml"] + arguments)
      #expect(outcome.exitCode == 3 && outcome.errors.contains(expected), "\(outcome.errors)")
    }
    let nameless = try command.run(["explain", ""])
    #expect(nameless.exitCode == 2)
    #expect(nameless.errors == "Error: '': expected the path of a scenario file\n")
    // A report that cannot be written is refused before anything runs.
    try command.write("", to: "file")
    let outcome = try command.run(["run", "tiny.yaml", "--out", "file/out"])
    #expect(outcome.exitCode == 3 && outcome.output == "")
    #expect(outcome.errors.hasPrefix("Error: file/out: "), "\(outcome.errors)")
  }

  // MARK: Runs

  @Test func `writes the same bytes in two processes, and others for another seed`() throws {
    let command = try BorealisCommand()
    try command.write(Self.crash.yaml, to: "tiny.yaml")
    for (seed, folder) in [("7", "one"), ("7", "two"), ("8", "three")] {
      let outcome = try command.run(["run", "tiny.yaml", "--seed", seed, "--out", folder])
      #expect(outcome.exitCode == 0, "\(outcome.output)\(outcome.errors)")
      #expect(outcome.output.hasPrefix("scenario tiny  seed \(seed)  build "))
    }
    let one = try command.contents(of: "one")
    let two = try command.contents(of: "two")
    #expect(one.map(\.name) == two.map(\.name) && one.count > 3)
    for (first, second) in zip(one, two) {
      #expect(first.bytes == second.bytes, "\(first.name) differs from process to process")
    }
    #expect(try command.read("one/result.json") != command.read("three/result.json"))
  }

  @Test func `ends with 1 when a claim fails, and with 2 when a run proves nothing`() throws {
    let command = try BorealisCommand()
    var failing = Self.crash
    failing.eventually = ["{ after: crash.start, within: 1ms, that: writes_ok }"]
    try command.write(failing.yaml, to: "failing.yaml")
    let failure = try command.run(["run", "failing.yaml", "--seed", "7", "--out", "failing"])
    #expect(failure.exitCode == 1)
    #expect(failure.output.contains("writes_ok"), "\(failure.output)")
    #expect(command.exists("failing/result.json"))

    // The second fault finds the host down already, and does nothing.
    var idle = Self.crash
    idle.faults = [
      "{ id: down, at: 1s, for: 4s, host_crash: { on: r2 } }",
      "{ id: again, at: 2s, for: 1s, host_crash: { on: r2 } }",
    ]
    try command.write(idle.yaml, to: "idle.yaml")
    let nothing = try command.run(["run", "idle.yaml", "--seed", "7", "--out", "idle"])
    #expect(nothing.exitCode == 2)
    #expect(nothing.output.contains("again did not act"), "\(nothing.output)")
  }

  @Test func `has seeds up to 2^64-1, and names the limit`() throws {
    let command = try BorealisCommand()
    try command.write(Self.crash.yaml, to: "tiny.yaml")
    let last = try command.run([
      "run", "tiny.yaml", "--seed", "18446744073709551615", "--out", "out",
    ])
    #expect(last.exitCode == 0 && last.output.contains("--seed") == false, "\(last.errors)")
    #expect(last.output.hasPrefix("scenario tiny  seed 18446744073709551615  build "))
    for seed in ["18446744073709551616", "-1", "+1", "1.5"] {
      let outcome = try command.run(["run", "tiny.yaml", "--seed=\(seed)", "--out", "out"])
      #expect(outcome.exitCode == 3)
      #expect(
        outcome.errors.contains("a whole number from 0 to 18446744073709551615"),
        "\(outcome.errors)")
    }
  }

  @Test func `warns of what is too much for the machine before it begins`() throws {
    let command = try BorealisCommand()
    let large = Self.crash.yaml.replacingOccurrences(
      of: "accounts_per_branch: 20", with: "scale: 10000, accounts_per_branch: 100000")
    try command.write(large, to: "large.yaml")
    let outcome = try command.run(["explain", "large.yaml"])
    #expect(
      outcome.output.contains("Cost of a run\n  about 90 transactions, "), "\(outcome.output)")
    let running = try command.start(["run", "large.yaml", "--out", "out"])
    while running.process.isRunning, try command.text(of: running.errors).isEmpty { usleep(10_000) }
    #expect(
      try command.text(of: running.errors).hasPrefix(
        "Warning: large.yaml: it may take 559.2 GiB of memory"))
    kill(running.process.processIdentifier, SIGKILL)
    _ = try running.outcome()
  }

  // MARK: Interruptions

  /// Long enough to be interrupted in the middle.
  private static let long = crash.yaml.replacingOccurrences(
    of: "horizon: 6s", with: "horizon: 100000s")

  private func interrupted(
    _ command: BorealisCommand, _ more: [String] = [], by signal: Int32 = SIGINT
  ) throws -> BorealisCommand.Outcome {
    let running = try command.start(["run", "long.yaml", "--seed", "7", "--out", "out"] + more)
    // The crash is told at two seconds.
    while running.process.isRunning, !(try command.text(of: running.errors).contains("fault crash"))
    {
      usleep(10_000)
    }
    kill(running.process.processIdentifier, signal)
    return try running.outcome()
  }

  @Test func `leaves an old report whole when it is interrupted, and ends by the signal`() throws {
    let command = try BorealisCommand()
    try command.write(Self.crash.yaml, to: "tiny.yaml")
    try command.write(Self.long, to: "long.yaml")
    // Nothing was there, and nothing is.
    let first = try interrupted(command)
    #expect(first.signal == SIGINT && first.exitCode == nil, "\(first)")
    #expect(!command.exists("out"))
    #expect(try command.run(["run", "tiny.yaml", "--seed", "7", "--out", "out"]).exitCode == 0)
    try command.write("mine", to: "out/notes.txt")
    let before = try command.contents(of: "out")
    for signal in [SIGINT, SIGTERM] {
      let outcome = try interrupted(command, by: signal)
      #expect(outcome.signal == signal, "\(outcome)")
      #expect(outcome.errors.contains("nothing in out was changed"), "\(outcome.errors)")
      #expect(outcome.errors.contains("With --keep-partial"), "\(outcome.errors)")
      let after = try command.contents(of: "out")
      #expect(after.map(\.name) == before.map(\.name) && after.map(\.bytes) == before.map(\.bytes))
      #expect(!command.exists("out.interrupted"))
    }
    #expect(try command.run(["replay", "out"]).exitCode == 0)
  }

  @Test func `keeps what there is of an interrupted run, if that is wanted`() throws {
    let command = try BorealisCommand()
    try command.write(Self.long, to: "long.yaml")
    let outcome = try interrupted(command, ["--keep-partial"])
    #expect(outcome.signal == SIGINT, "\(outcome)")
    #expect(outcome.output.contains("UNKNOWN  tiny, seed 7"), "\(outcome.output)")
    #expect(outcome.output.contains("the run was broken off after "), "\(outcome.output)")
    #expect(!command.exists("out") && command.exists("out.interrupted/report.html"))
    #expect(try command.read("out.interrupted/result.json").contains("\"verdict\" : \"unknown\""))
  }

  @Test func `keeps what others have put into its folder, and takes away what is out of date`()
    throws
  {
    let command = try BorealisCommand()
    try command.write(Self.crash.yaml, to: "tiny.yaml")
    let run = ["run", "tiny.yaml", "--seed", "7", "--out", "out"]
    #expect(try command.run(run + ["--trace", "perfetto"]).exitCode == 0)
    #expect(command.exists("out/trace.json"))
    try command.write("mine", to: "out/notes.txt")
    try FileManager.default.createDirectory(
      at: command.folder.appending(path: "out/.unfinished-999999999"),
      withIntermediateDirectories: true)
    #expect(try command.run(run).exitCode == 0)
    #expect(!command.exists("out/trace.json") && command.exists("out/notes.txt"))
    #expect(try command.contents(of: "out").allSatisfy { !$0.name.hasPrefix(".unfinished") })
  }

  @Test func `says that it used up its CPU time`() throws {
    let command = try BorealisCommand()
    try command.write(Self.long, to: "long.yaml")
    let outcome = try command.run([
      "run", "long.yaml", "--seed", "7", "--out", "out", "--cpu-limit", "1",
    ])
    #expect(outcome.exitCode == 2, "\(outcome)")
    #expect(outcome.output.contains("CPU_LIMIT  tiny, seed 7"), "\(outcome.output)")
    #expect(outcome.output.contains("used up its CPU time of 1 s"), "\(outcome.output)")
    #expect(try command.read("out/result.json").contains("\"verdict\" : \"cpu_limit\""))
  }

  @Test func `traces the time around the first fault, unless another is named`() throws {
    let command = try BorealisCommand()
    let late = Self.crash.yaml
      .replacingOccurrences(of: "horizon: 6s", with: "horizon: 50s")
      .replacingOccurrences(of: "at: 2s +- 500ms", with: "at: 20s")
    try command.write(late, to: "late.yaml")
    let outcome = try command.run(["run", "late.yaml", "--trace", "perfetto", "--out", "out"])
    #expect(
      outcome.output.contains("out/trace.json, from 15.000 s to 40.000 s"), "\(outcome.output)")
    let named = try command.run([
      "run", "late.yaml", "--trace", "perfetto", "--trace-window", "1s..2s", "--out", "out",
    ])
    #expect(named.output.contains("out/trace.json, from 1.000 s to 2.000 s"), "\(named.output)")
  }
}
