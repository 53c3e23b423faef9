import Foundation
import Reports
import Simulation
import Testing

@testable import Scenarios

/// The timeline of a run, as a program reads it that knows nothing of this one.
@Suite struct `A timeline` {
  private struct Document: Decodable {
    let traceEvents: [Event]
    let otherData: [String: String]
  }

  private struct Event: Decodable {
    let ph: String
    let pid: Int
    let tid: Int?
    let ts: Double?
    let dur: Double?
    let name: String
    let id: Int?
    let args: [String: Argument]?

    /// In whole nanoseconds.
    var start: Int { Int(((ts ?? 0) * 1000).rounded()) }
    var end: Int { start + Int(((dur ?? 0) * 1000).rounded()) }
  }

  private enum Argument: Decodable {
    case text(String)
    case number(Double)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      self =
        if let number = try? container.decode(Double.self) { .number(number) } else {
          .text(try container.decode(String.self))
        }
    }

    var text: String { if case .text(let text) = self { text } else { "" } }
  }

  private struct Thread: Hashable {
    let process: Int
    let number: Int
  }

  private static let scenario = TinyScenario(
    name: "timed", horizon: "6s",
    faults: [
      "{ id: cut, at: 2s, for: 2s, partition: { between: [w, storage@c] } }",
      "{ id: down, at: 3s, for: 1s, host_crash: { on: \"storage@b[1]\" } }",
    ])

  private static func record(
    _ scenario: TinyScenario = scenario, window: ClosedRange<Interval> = .zero ... .seconds(6),
    limit: Int = 1_000_000
  ) throws -> (document: Document, digest: String) {
    let run = ScenarioRun(
      try Scenario(yaml: scenario.yaml, file: scenario.file), file: scenario.file, seed: 7,
      build: "test")
    run.recordActivities(in: window, limit: limit)
    let result = run.execute()
    let activities = try #require(run.activities)
    let text = ChromeTrace(
      of: activities, result: result, history: run.history, hosts: run.hostNames
    ).text
    return (try JSONDecoder().decode(Document.self, from: Data(text.utf8)), result.digest)
  }

  @Test func `shows the run, and does not change it`() throws {
    let (document, digest) = try Self.record()
    #expect(digest == (try Self.scenario.run(seed: 7)).digest, "a recorded run is the same run")
    let events = document.traceEvents
    func names(_ kind: String) -> [String] {
      events.filter { $0.name == kind }.compactMap { $0.args?["name"]?.text }
    }
    #expect(names("process_name").contains("w") && names("process_name").contains("storage-b1"))
    #expect(names("thread_name").contains { $0.hasPrefix("session ") })
    #expect(names("thread_name").contains("ssd 1"))
    let slices = events.filter { $0.ph == "X" }
    for name in ["flush", "transaction", "to storage-a0", "from w"] {
      #expect(slices.contains { $0.name == name }, "no slice is called \(name)")
    }
    #expect(slices.contains { $0.name.hasPrefix("UPDATE ") })
    // What the partition swallowed is told.
    #expect(slices.contains { $0.name == "lost on the way to storage-c0" })
    let cut = try #require(slices.first { $0.name.hasPrefix("partition ") })
    #expect(cut.start == 2_000_000_000 && cut.end == 4_000_000_000)
    #expect(events.contains { $0.ph == "C" && $0.name == "processor use, %" })
    #expect(events.contains { $0.ph == "i" && $0.name == "fault.started" })
    #expect(document.otherData["digest"] == digest)
  }

  @Test func `has slices that lie one after another or inside one another, in order of time`()
    throws
  {
    let slices = try Self.record().document.traceEvents.filter { $0.ph == "X" }
    let threads = Dictionary(grouping: slices) { Thread(process: $0.pid, number: $0.tid ?? 0) }
    #expect(threads.count > 20)
    for (thread, slices) in threads {
      var last = 0
      var open: [Int] = []
      for slice in slices {
        #expect(slice.start >= last, "\(thread): \(slice.name) comes too late in the file")
        last = slice.start
        while let end = open.last, end <= slice.start, end < slice.end || end < slice.start {
          open.removeLast()
        }
        if let end = open.last, slice.end > end {
          Issue.record("\(thread): \(slice.name) at \(slice.start) goes on beyond what it is in")
        }
        open.append(slice.end)
      }
    }
  }

  @Test func `has no lag of a reader while that is down`() throws {
    let down = TinyScenario(
      name: "down", horizon: "9s", arrivals: "poisson(20/s)",
      faults: ["{ id: down, at: 2s, for: 3s, host_crash: { on: r1 } }"])
    let events = try Self.record(down, window: .zero ... .seconds(1)).document.traceEvents
    func seconds(ofLagOf host: String) throws -> [Int] {
      let process = try #require(
        events.first { $0.name == "process_name" && $0.args?["name"]?.text == host })
      return events.filter { $0.ph == "C" && $0.name == "lag, ms" && $0.pid == process.pid }
        .map { $0.start / 1_000_000_000 }
    }
    #expect(try seconds(ofLagOf: "r2") == Array(0...8))
    let seen = try seconds(ofLagOf: "r1")
    #expect(seen.contains(0) && seen.contains(8))
    #expect(seen.allSatisfy { !(2...4).contains($0) }, "\(seen)")
  }

  @Test func `names every row that it fills, and no other`() throws {
    // In a part of the run, so that some rows are left out.
    let events = try Self.record(window: .seconds(1) ... .milliseconds(1_100)).document.traceEvents
    func rows(_ isWanted: (Event) -> Bool) -> Set<Thread> {
      Set(events.filter(isWanted).map { Thread(process: $0.pid, number: $0.tid ?? 0) })
    }
    #expect(rows { $0.name == "thread_name" } == rows { ["X", "i", "s", "f"].contains($0.ph) })
    let processes = Set(events.filter { $0.name == "process_name" }.map(\.pid))
    #expect(Set(events.map(\.pid)) == processes)
  }

  @Test func `has a message with both of its ends, at their slices`() throws {
    let events = try Self.record().document.traceEvents
    let starts = events.filter { $0.ph == "s" }
    let ends = events.filter { $0.ph == "f" }
    #expect(starts.count > 1_000 && Set(starts.map(\.id)).count == starts.count)
    #expect(Set(starts.map(\.id)) == Set(ends.map(\.id)) && ends.count == starts.count)
    let startTimes = Dictionary(uniqueKeysWithValues: starts.map { ($0.id, $0.start) })
    #expect(ends.allSatisfy { $0.start > startTimes[$0.id] ?? .max })
    for (before, flow) in zip(events, events.dropFirst()) where ["s", "f"].contains(flow.ph) {
      #expect(before.ph == "X" && before.start == flow.start && before.tid == flow.tid)
    }
  }

  @Test func `is confined to a window, and to a number of activities`() throws {
    let window = Interval.seconds(2) ... .milliseconds(2_500)
    let part = try Self.record(window: window).document.traceEvents.filter { $0.ph == "s" }
    #expect(!part.isEmpty)
    #expect(part.allSatisfy { (2_000_000_000...2_500_000_000).contains($0.start) })
    let few = try Self.record(limit: 100).document
    let activities = few.traceEvents.filter {
      $0.ph == "X" && !$0.name.hasPrefix("from ") && $0.pid >= 10
    }
    #expect(activities.count == 100)
    let omitted = try #require(few.otherData["omitted activities"].flatMap { Int($0) })
    #expect(omitted > 1_000)
  }

  @Test func `is written by the command where it is asked for`() throws {
    let command = try BorealisCommand()
    try command.write(Self.scenario.yaml, to: "timed.yaml")
    let run = ["run", "timed.yaml", "--seed", "7", "--out", "out"]
    let outcome = try command.run(run + ["--trace", "perfetto", "--trace-window", "1s..1500ms"])
    #expect(outcome.output.contains("trace         out/trace.json"), "\(outcome.errors)")
    let text = try command.read("out/trace.json")
    let document = try JSONDecoder().decode(Document.self, from: Data(text.utf8))
    #expect(document.otherData["scenario"] == "timed")
    // A run without one leaves none of an earlier run.
    _ = try command.run(run)
    #expect(!command.exists("out/trace.json"))
    for wrong in [
      ["--trace", "x"], ["--trace-window", "1s..2s"],
      ["--trace", "perfetto", "--trace-window", "2s..1s"],
    ] {
      #expect(try command.run(run + wrong).exitCode == 3)
    }
  }
}
