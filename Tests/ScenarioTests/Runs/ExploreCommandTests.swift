import Foundation
import Testing

/// `borealis explore`: copies of a process that stand still, and are a run as it was.
@Suite struct `A walk through a run` {
  private static let busy = TinyScenario(
    name: "busy", horizon: "6s", arrivals: "poisson(40/s)",
    faults: [
      "{ id: down, at: 2s, for: 2s, host_crash: { on: r2 } }",
      "{ id: crash, at: 3500ms, crash: { on: writer } }",
    ])

  private static func command() throws -> BorealisCommand {
    let command = try BorealisCommand()
    try command.write(busy.yaml, to: "busy.yaml")
    return command
  }

  /// What `run --until` prints, without the line that names the build.
  private static func state(at instant: String, _ command: BorealisCommand) throws -> Substring {
    let outcome = try command.run(
      ["run", "busy.yaml", "--seed", "7", "--until", instant, "--quiet"])
    return outcome.output[try #require(outcome.output.firstIndex(of: "\n"))...].dropFirst()
  }

  /// Waits until a file says something.
  private static func wait(for text: String, in file: URL) throws {
    let deadline = ContinuousClock.now + .seconds(300)
    while try !String(contentsOf: file, encoding: .utf8).contains(text) {
      try #require(ContinuousClock.now < deadline, "nobody has said '\(text)'")
      usleep(20_000)
    }
  }

  @Test(arguments: ["1s", "50ms"])
  func `shows at each instant what a run from the beginning shows`(interval: String) throws {
    let command = try Self.command()
    let walk = ["2700ms", "5s", "1100ms", "0s", "2700ms", "3999ms", "3998ms", "6s", "2700ms"]
    let outcome = try command.run(
      ["explore", "busy.yaml", "--seed", "7", "--quiet", "--checkpoint-every", interval],
      input: walk + ["quit"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    var expected = ""
    for instant in walk { expected += try Self.state(at: instant, command) }
    #expect(outcome.output.hasPrefix("scenario busy  seed 7  build "))
    let shown = outcome.output[try #require(outcome.output.firstIndex(of: "\n"))...].dropFirst()
    #expect(shown == expected)
  }

  @Test func `ends like the run, and can be taken up again after that`() throws {
    let command = try Self.command()
    let run = try command.run(["run", "busy.yaml", "--seed", "7", "--quiet"])
    let outcome = try command.run(
      ["explore", "busy.yaml", "--seed", "7", "--quiet"],
      input: ["5s", "-2500ms", "end", "-1s", "end", "quit"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    // All but the report, which is not written.
    let result = run.output[try #require(run.output.firstRange(of: "PASS  busy")).lowerBound...]
      .replacing(#/report .*\n/#, with: "")
    #expect(outcome.output.ranges(of: result).count == 2, "\(outcome.output)")
    #expect(outcome.output.contains("state at 5.000000 s"))
  }

  @Test func `stops where something breaks or is mended`() throws {
    let command = try Self.command()
    let outcome = try command.run(
      ["explore", "busy.yaml", "--seed", "7"],
      input: ["next", "1s", "next", "3s", "next", "next", "quit"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let headers = outcome.output.split(separator: "\n").filter { $0.hasPrefix("state at ") }
    #expect(headers[0] == headers[2] && headers[0].hasPrefix("state at 2.000000 s"))
    #expect(headers[4].hasPrefix("state at 3.500000 s"), "\(headers)")
    #expect(outcome.errors.contains("2.000 s  fault down begins on r2"))
    #expect(outcome.errors.contains("3.500 s  fault crash begins on w"))
  }

  /// The one that goes on is killed, as a trap would end it.
  @Test func `goes on from the newest checkpoint when the run crashes`() throws {
    let command = try Self.command()
    let walk = try command.start(["explore", "busy.yaml", "--seed", "7", "--quiet"])
    try walk.type("2700ms")
    try Self.wait(for: "state at 2.700000 s", in: walk.output)
    let keeper = walk.process.processIdentifier
    let children = try String(
      contentsOfFile: "/proc/\(keeper)/task/\(keeper)/children", encoding: .utf8)
    let running = try #require(children.split(separator: " ").first.flatMap { pid_t($0) })
    kill(running, SIGKILL)
    // Not before it is dead, or it would read some of what comes next.
    try Self.wait(for: "The run has crashed", in: walk.errors)
    try walk.type("quit")
    let outcome = try walk.outcome()
    #expect(outcome.exitCode == 0)
    #expect(outcome.errors.contains("The run has crashed"), "\(outcome.errors)")
    #expect(outcome.output.hasSuffix(try Self.state(at: "2s", command)), "\(outcome.output)")
  }

  @Test func `refuses a process of two threads, and a line that it does not understand`() throws {
    let command = try Self.command()
    let threads = try command.run(["explore", "busy.yaml", "--plant", "foreign-thread"])
    #expect(threads.exitCode == 3)
    #expect(threads.errors.contains("expected one thread, found 2"), "\(threads.errors)")
    for (line, answer) in [
      ("soon", "expected an instant such as 72.5s, +1s or -1s, or `help`, not 'soon'"),
      ("7s", "expected an instant from 0s to the horizon of 6s, found 7s"),
      ("-1s", "expected an instant from 0s to the horizon of 6s, found -1s"),
    ] {
      let outcome = try command.run(["explore", "busy.yaml", "--quiet"], input: [line])
      #expect(outcome.exitCode == 3 && outcome.errors == "Error: \(answer)\n", "\(outcome.errors)")
    }
  }
}
