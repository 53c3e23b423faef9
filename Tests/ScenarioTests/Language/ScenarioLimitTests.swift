import Foundation
import Scenarios
import Simulation
import Testing

/// Input that is too much, in each of the ways in which a file can be.
@Suite struct `A scenario file that is too much` {
  private static let bomb =
    "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
    + zip("bcdefghij", "abcdefghi").map { name, before in
      "\(name): &\(name) [\((0..<10).map { _ in "*\(before)" }.joined(separator: ","))]\n"
    }.joined()

  private static func message(_ yaml: String) -> String {
    do {
      _ = try Scenario(yaml: yaml, file: "bad.yaml")
      return "no error"
    } catch {
      return error.description
    }
  }

  /// 10^10 values in a few hundred bytes, as values and as keys, in flow and in block style. To write them out takes
  /// hours, and more memory than there is.
  @Test(.timeLimit(.minutes(1))) func `is refused before its aliases are written out`() {
    let block =
      "a: &a\n  - x\n  - x\n"
      + (1...40).map {
        "a\($0): &a\($0)\n- *a\($0 == 1 ? "" : "\($0 - 1)")\n- *a\($0 == 1 ? "" : "\($0 - 1)")\n"
      }
      .joined()
    for text in [Self.bomb, Self.bomb + "? *j\n: x\n", Self.bomb + "{ *j : 1 }\n", block] {
      let message = Self.message(text)
      #expect(
        message.contains("not YAML: with this alias the file stands for more than 100000 values"),
        "\(message)")
    }
    // The line and the column are those of the alias.
    #expect(Self.message(Self.bomb).hasPrefix("bad.yaml:5:"), "\(Self.message(Self.bomb))")
    let anchors = (0...300).map { "a\($0): &a\($0) x\n" }.joined() + "b: *a1\n"
    #expect(Self.message(anchors).contains("expected at most 256 anchors in a file"))
  }

  @Test func `is told from one that uses an alias or two`() throws {
    let tiny = TinyScenario(name: "tiny", faults: ["{ id: c, at: &when 2s, crash: { on: w } }"])
      .yaml
    let other = tiny.replacingOccurrences(
      of: "crash: { on: w } }",
      with: "crash: { on: w } }\n    - { id: d, at: *when, pause: { on: r1 }, for: 1s }")
    let scenario = try Scenario(yaml: other, file: "a.yaml")
    #expect(
      scenario.faults.map(\.anchor) == [
        .at(.seconds(2), jitter: .zero), .at(.seconds(2), jitter: .zero),
      ])
  }

  @Test func `is refused with one short line, whatever it is full of`() {
    let long = String(repeating: "x", count: 100_000)
    for text in [
      "\(long): 1\n", "borealis: \(long)\n", "borealis: 1\nname: \"a\\nb\\e[31m\"\n",
      "\"a\\nb\": 1\n", "{ \(long): 1, \(long): 2 }\n",
      String(repeating: "[", count: 100_000), String(repeating: "- ", count: 100_000),
      String(repeating: "x", count: 5 << 20),
      "borealis: 1\n" + (0..<20_000).map { "k\($0): 1\n" }.joined(),
    ] {
      let message = Self.message(text)
      #expect(message.utf8.count < 700 && !message.contains("\n") && !message.contains("\u{1B}"))
      #expect(message != "no error")
    }
  }

  /// Each waits for the one behind it in the file.
  @Test func `is read quickly, though its faults are many and wait for one another`() throws {
    let faults = (0..<3_000).map { number in
      let start = number == 2_999 ? "at: 1s" : "after: f\(number + 1).start"
      return "{ id: f\(number), \(start), crash: { on: w } }"
    }
    let text = TinyScenario(name: "tiny", faults: faults).yaml
    var lines = 0
    let time = try ContinuousClock().measure {
      lines = ScenarioExplanation(try Scenario(yaml: text, file: "a.yaml")).text
        .split(separator: "\n").count
    }
    #expect(lines > 3_000 && time < .seconds(10))
    let circle = text.replacingOccurrences(of: "at: 1s", with: "after: f2998.end")
    #expect(Self.message(circle).contains("it waits for itself: f0, f1, f2, "))
    #expect(Self.message(circle).hasSuffix("f2998, f2999, f2998"))
  }

  @Test func `may have its claim in block style`() throws {
    let good = TinyScenario(name: "tiny", faults: []).yaml
    let text = good.replacingOccurrences(
      of: "claim: No commit is lost, whatever happens.",
      with: "claim: |\n  No commit is lost,\n  whatever happens.\n")
    #expect(text != good)
    let scenario = try Scenario(yaml: text, file: "a.yaml")
    #expect(scenario.claim == "No commit is lost, whatever happens.")
  }

  @Test(arguments: [
    ("name: tiny", "name: " + String(repeating: "n", count: 64), "an id of at most 63 characters"),
    ("claim: ", "claim: \"\\e[31mred\" # ", "it must not have control characters"),
    ("claim: ", "claim: \"\\u202Ea\" # ", "it must not have control characters"),
    ("claim: ", "claim: ' ' # ", "expected a sentence, not ' '"),
    ("claim: ", "claim: " + String(repeating: "[", count: 2_000), "more than 1000 deep"),
  ])
  func `is refused for names and sentences that cannot be shown`(
    from: String, to: String, message: String
  ) {
    let good = TinyScenario(name: "tiny", faults: []).yaml
    #expect(Self.message(good) == "no error" && good.contains(from))
    let bad = Self.message(good.replacingOccurrences(of: from, with: to))
    #expect(bad.contains(message), "\(bad)")
  }

  @Test(arguments: [
    (
      "seeds: 1..1000000", "seeds: 0..18446744073709551615",
      "expected a range of at most 10000000 seeds"
    ),
    (
      "seeds: 1..1000000", "seeds: 18446744073709551616",
      "of which each end is a whole number from 0 to 18446744073709551615"
    ),
    ("horizon: 10s", "horizon: 169h", "expected a value from 1ns to 168h"),
    ("horizon: 10s", "horizon: 8761h", "and at most 8760h, not '8761h'"),
    ("accounts: 10,", "accounts: 100000000,", "expected a value from 2 to 100000"),
    ("connections: 3", "connections: 99999999999999999999", "from 0 to 9223372036854775807"),
  ])
  func `is told the limit`(from: String, to: String, message: String) {
    let good = TinyScenario(name: "tiny", faults: []).yaml
    #expect(Self.message(good) == "no error" && good.contains(from))
    let bad = Self.message(good.replacingOccurrences(of: from, with: to))
    #expect(bad.contains(message), "\(bad)")
  }

  @Test func `has seeds up to 2^64-1`() throws {
    let text = TinyScenario(name: "tiny", faults: []).yaml
      .replacingOccurrences(of: "1..1000000", with: "18446744073709551614..18446744073709551615")
    let scenario = try Scenario(yaml: text, file: "a.yaml")
    #expect(scenario.run.seeds == (.max - 1)...(.max) && scenario.run.count == 2)
    #expect(try Scenario(yaml: scenario.yaml, file: "b.yaml") == scenario)
  }
}

@Suite struct `An estimate of what a run takes` {
  private static func estimate(_ change: (inout Scenario) -> Void) throws -> ScenarioEstimate {
    var scenario = try Scenario(
      yaml: TinyScenario(name: "tiny", horizon: "60s", faults: []).yaml, file: "a.yaml")
    change(&scenario)
    return ScenarioEstimate(scenario)
  }

  private static let machine = 16 << 30

  @Test func `counts rows and transactions`() throws {
    // 20 accounts, 10 tellers and a branch; 10 accounts; 8 lists; three times 5/s for a minute.
    let estimate = try Self.estimate { _ in }
    #expect(estimate.rows == 31 + 10 + 8 && estimate.transactions == 900)
    #expect(estimate.warnings(available: Self.machine) == [])
    let stepped = try Self.estimate {
      $0.workloads[0].load = .open(
        .steps([
          .init(from: .zero, rate: .perSecond(10)),
          .init(from: .seconds(50), rate: .perSecond(100)),
        ]),
        connections: 1)
    }
    #expect(stepped.transactions == 600 + 500 + 1000)
    let closed = try Self.estimate {
      $0.workloads[0].load = .closed(concurrency: 4, thinkTime: .constant(.milliseconds(92)))
    }
    #expect(closed.transactions == 600 + 4 * 600)
  }

  @Test func `warns of many rows, long horizons and high rates, and of many runs`() throws {
    let rows = try Self.estimate {
      $0.workloads[0].mix = .pgbenchTPCB(scale: 10_000, accountsPerBranch: 10_000)
    }
    let warning = try #require(rows.warnings(available: Self.machine).first)
    #expect(
      warning.hasPrefix("it may take 56.3 GiB of memory, and this machine has 16.0 GiB"),
      "\(warning)")
    let long = try Self.estimate {
      $0.run.horizon = .minutes(7 * 24 * 60)
      for index in $0.workloads.indices { $0.workloads[index].duration = $0.run.horizon }
    }
    #expect(long.warnings(available: Self.machine).count == 2, "memory and time")
    let short = try Self.estimate { _ in }
    let many = short.warnings(runs: 100_000, jobs: 2, available: Self.machine)
    #expect(many.count == 1 && many[0].contains("runs may take"), "\(many)")
  }
}
