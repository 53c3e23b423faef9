import Foundation
import Scenarios
import Simulation
import Testing

/// The proof that a run repeats: in a fresh process, from a saved plan, and between two folders; and that
/// what does not repeat is noticed.
@Suite struct `Repeatability` {
  private static let crash = TinyScenario(
    name: "tiny", horizon: "6s", faults: ["{ id: crash, at: 2s +- 500ms, crash: { on: writer } }"])

  private static func command() throws -> BorealisCommand {
    let command = try BorealisCommand()
    try command.write(crash.yaml, to: "tiny.yaml")
    return command
  }

  // MARK: A fresh process

  @Test func `is seen when a fresh process does the same`() throws {
    let command = try Self.command()
    let outcome = try command.run([
      "run", "tiny.yaml", "--seed", "7", "--out", "out", "--check-replay",
    ])
    #expect(outcome.exitCode == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains("a fresh process did the same"))
    #expect(!command.exists("out/replay-that-differs"), "nothing is left of an equal replay")
  }

  @Test func `is missed when something foreign gets in, and the first event is named`() throws {
    let command = try Self.command()
    let outcome = try command.run([
      "run", "tiny.yaml", "--seed", "7", "--out", "out", "--check-replay", "--plant",
      "foreign-entropy",
    ])
    #expect(outcome.exitCode == 4, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains("NONDETERMINISTIC  tiny, seed 7"))
    #expect(outcome.output.contains("the first event that differs is number "))
    #expect(outcome.output.contains("both: "), "what they have in common is shown")
    // The foreign number decides when a timer fires, which is a closure.
    let lines = outcome.output.split(separator: "\n")
    let first = try #require(lines.first { $0.contains("run: ") && $0.contains(" s ") })
    let second = try #require(lines.first { $0.contains("replay: ") && $0.contains(" s ") })
    #expect(
      first.contains("ClosureTarget") || second.contains("ClosureTarget"), "\(outcome.output)")
    #expect(try command.read("out/result.json").contains("\"verdict\" : \"nondeterministic\""))
    #expect(
      command.exists("out/replay-that-differs/result.json"), "the replay is there to be looked at")
  }

  // MARK: A saved run

  @Test func `is seen when a saved run is replayed, and nothing is written`() throws {
    let command = try Self.command()
    #expect(try command.run(["run", "tiny.yaml", "--seed", "7", "--out", "out"]).exitCode == 0)
    let before = try command.contents(of: "out")
    let same = try command.run(["replay", "out"])
    #expect(same.exitCode == 0, "\(same.output)\(same.errors)")
    #expect(same.output.contains("same digest, metrics and verdict: pass"))
    #expect(try command.contents(of: "out").map(\.bytes) == before.map(\.bytes))

    let foreign = try command.run(["replay", "out", "--plant", "foreign-entropy"])
    #expect(foreign.exitCode == 4)
    #expect(foreign.output.contains("digest differs"), "\(foreign.output)")
    #expect(foreign.output.contains("they part between "), "\(foreign.output)")
  }

  @Test func `cannot be judged from a folder that was changed`() throws {
    let command = try Self.command()
    #expect(try command.run(["run", "tiny.yaml", "--seed", "7", "--out", "out"]).exitCode == 0)
    for (file, from, to) in [
      ("plan.yaml", "poisson(5/s)", "poisson(6/s)"), ("plan.yaml", "horizon: 6s", "horizon: 6"),
      ("result.json", "\"verdict\" : \"pass\"", "\"verdict\" : \"fail\""),
      ("result.json", "\"seed\" : 7", "\"seed\" : 8"), ("history.json", "\"eventCount\"", "\"n\""),
      ("manifest.txt", "plan.yaml", "plan"),
    ] {
      let whole = try command.read("out/\(file)")
      #expect(whole.contains(from), "\(file) no longer says \(from)")
      try command.write(whole.replacingOccurrences(of: from, with: to), to: "out/\(file)")
      let outcome = try command.run(["replay", "out"])
      #expect(outcome.exitCode == 2, "\(file): \(outcome.output)")
      #expect(outcome.output == "" && outcome.errors.hasPrefix("Error: out/\(file): "))
      #expect(outcome.errors.contains("expected the fingerprint"), "\(outcome.errors)")
      try command.write(whole, to: "out/\(file)")
    }
    let nothing = try command.run(["replay", "nowhere"])
    #expect(nothing.exitCode == 2 && nothing.errors.hasPrefix("Error: nowhere/result.json: "))
  }

  /// Builds may differ, so that what differs between them is no fault of either.
  @Test func `is promised within one build, and another build is told apart`() throws {
    let command = try Self.command()
    let other = try command.otherBuild()
    _ = try command.run(["run", "tiny.yaml", "--seed", "7", "--out", "one"])
    _ = try command.run(["run", "tiny.yaml", "--seed", "7", "--out", "two"], program: other)
    let same = try command.run(["replay", "two"])
    #expect(same.exitCode == 0, "\(same.output)\(same.errors)")
    #expect(same.errors.hasPrefix("Note: the saved run was made by build "), "\(same.errors)")
    let differs = try command.run(["replay", "two", "--plant", "foreign-entropy"])
    #expect(differs.exitCode == 2, "\(differs.output)")
    #expect(differs.output.contains("the saved run: build "), "\(differs.output)")
    let equal = try command.run(["diff", "one", "two"])
    #expect(equal.exitCode == 0 && equal.output.contains("another build: "), "\(equal.output)")

    // Each side is run again by the build that made it, where that is at hand.
    _ = try command.run(
      ["run", "tiny.yaml", "--seed", "7", "--out", "three", "--plant", "foreign-entropy"],
      program: other)
    let apart = try command.run(["diff", "one", "three", "--second-program", other.path])
    #expect(apart.exitCode == 1, "two builds may differ: \(apart.output)")
    #expect(!apart.errors.contains("Note"), "\(apart.errors)")
    #expect(apart.output.contains("they part between "), "\(apart.output)")
    let unnamed = try command.run(["diff", "one", "three"])
    #expect(unnamed.errors.contains("name it with --second-program"), "\(unnamed.errors)")
  }

  // MARK: Two saved runs

  @Test func `is judged between two folders`() throws {
    let command = try Self.command()
    for (folder, seed, more) in [
      ("one", "7", []), ("two", "7", []), ("three", "8", []),
      ("four", "7", ["--plant", "foreign-entropy"]),
    ] {
      _ = try command.run(["run", "tiny.yaml", "--seed", seed, "--out", folder] + more)
    }
    let same = try command.run(["diff", "one", "two"])
    #expect(same.exitCode == 0 && same.output.contains("same digest"), "\(same.output)")
    let seeds = try command.run(["diff", "one", "three"])
    #expect(seeds.exitCode == 1, "two seeds may differ")
    #expect(seeds.output.contains("another seed: 7 in one, 8 in three"), "\(seeds.output)")
    // Metrics side by side, and the fields that differ by their names.
    #expect(seeds.output.contains("metric "), "\(seeds.output)")
    let latency = try #require(
      seeds.output.split(separator: "\n").first { $0.hasPrefix("oltp.latency") })
    #expect(latency.hasSuffix(" %"), "\(latency)")
    #expect(seeds.output.contains("workloads[0].committed differs: "), "\(seeds.output)")
    #expect(!same.output.contains("metric ") && same.output.contains(" metrics are equal"))
    let foreign = try command.run(["diff", "one", "four", "--plant", "foreign-entropy"])
    #expect(foreign.exitCode == 4)
    #expect(foreign.output.contains("the first event that differs"), "\(foreign.output)")
  }
}

@Suite struct `The course of a run` {
  private static func history(_ digests: [String], _ events: [String]) -> RunHistory {
    RunHistory(
      origin: .start,
      checkpoints: digests.enumerated().map { index, digest in
        .init(
          instant: .start + .seconds(Int64(index + 1)), eventCount: UInt64(10 * (index + 1)),
          digest: digest)
      },
      events: events.enumerated().map { index, text in
        .init(instant: .start + .milliseconds(Int64(700 * index)), text: text)
      })
  }

  @Test func `parts from another between the last equal checkpoint and the next`() throws {
    let one = Self.history(["a", "b", "c", "d"], ["start", "fault", "end"])
    let other = Self.history(["a", "b", "x", "y"], ["start", "fault", "other"])
    let parting = try #require(one.parting(from: other))
    #expect(parting.window == .start + .seconds(2) ... .start + .seconds(3))
    #expect(parting.commonEvents == 20)
    #expect(parting.told?.first?.text == "end" && parting.told?.second?.text == "other")
    #expect(one.parting(from: one) == nil)
  }

  @Test func `parts from a shorter one where that ends`() throws {
    let one = Self.history(["a", "b"], ["start"])
    let other = Self.history(["a"], ["start"])
    let parting = try #require(one.parting(from: other))
    #expect(parting.window == .start + .seconds(1) ... .start + .seconds(2))
    #expect(parting.told == nil)
    #expect(other.parting(from: one)?.window == parting.window)
  }

  @Test func `is recorded in text that can be read again, and compared line by line`() throws {
    func line(_ number: UInt64, _ text: String, _ digest: String) -> EventRecording.Line {
      .init(
        number: number, instant: Instant(nanoseconds: Int64(number)), text: text, digest: digest)
    }
    var one = EventRecording()
    one.lines = [
      line(1, "Network 4", "a"), line(2, "Disk 5, engine on w", "b"), line(3, "Network 6", "c"),
    ]
    one.digest = "d"
    #expect(EventRecording(text: one.text) == one)
    #expect(EventRecording(text: "1 2\nx") == nil)
    #expect(one.difference(from: one, context: 2) == nil)

    var event = one
    event.lines[2] = line(3, "Network 7", "c")
    let found = try #require(one.difference(from: event, context: 1))
    #expect(found.before.map(\.text) == ["Disk 5, engine on w"])
    #expect(found.first.map(\.text) == ["Network 6"] && found.second.map(\.text) == ["Network 7"])
    #expect(!found.isInTheLastCommonEvent)

    // The same events, but the second drew another number.
    var draw = one
    draw.lines[2] = line(3, "Network 6", "x")
    #expect(try #require(one.difference(from: draw, context: 1)).isInTheLastCommonEvent)
    var shorter = one
    shorter.lines.removeLast()
    #expect(try #require(one.difference(from: shorter, context: 1)).second.isEmpty)
  }
}
