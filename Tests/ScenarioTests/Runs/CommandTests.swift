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
}
