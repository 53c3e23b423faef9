import Foundation
import Scenarios
import Simulation

/// Finds the first event at which two runs part: the checkpoints say in which half second it lies, and that
/// half second is run again by both, event by event.
struct DifferenceNarrowing {
  /// One of the two runs.
  struct Side {
    /// What to call it.
    var name: String
    /// The path of the build that made it; `nil` for this one.
    var program: String?
    var plan: String
    var seed: UInt64
    var planted = DefectOptions()
    var history: RunHistory
  }

  let first: Side
  let second: Side

  /// How many lines of each run to show before and after they part.
  private static let context = 3
  /// How often a run that does not repeat is tried, in the hope that it does once.
  private static let attempts = 3
  /// How often the time that is recorded is doubled, towards the beginning or the end.
  private static let widenings = 5

  /// A sentence on where they part, and then what each did there; empty if their courses are equal.
  func findings() throws -> [String] {
    guard let parting = first.history.parting(from: second.history) else { return [] }
    var lines = [
      "they part between \(time(parting.window.lowerBound)) and \(time(parting.window.upperBound)), "
        + "after \(parting.commonEvents) equal events"
    ]
    var window = parting.window
    for _ in 0..<Self.widenings {
      guard let one = try record(first, window), let other = try record(second, window) else {
        return lines + ["that time could not be recorded again: a run of it left nothing"]
      }
      let difference = one.recording.difference(from: other.recording, context: Self.context)
      // Runs that do not repeat may part earlier the next time, or later.
      let length = window.upperBound - window.lowerBound
      let isChance = !(one.isFaithful && other.isFaithful)
      if isChance, let difference, difference.before.isEmpty, window.lowerBound > .start {
        window = max(.start, window.lowerBound - length)...window.upperBound
        continue
      }
      if isChance, difference == nil {
        window = window.lowerBound...window.upperBound + length
        continue
      }
      for (side, recording) in [(first, one), (second, other)] where !recording.isFaithful {
        lines.append(
          "\(side.name): that time does not come out again as it was saved; shown is a fresh run of it"
        )
      }
      if let difference {
        lines += description(of: difference)
      }
      return lines + words(of: parting)
    }
    return lines + ["run again event by event, both did the same: the runs differ by chance"]
      + words(of: parting)
  }

  /// The first word of the trace that differs, if one does.
  private func words(of parting: RunHistory.Parting) -> [String] {
    guard let told = parting.told else { return [] }
    return ["the first word of the trace that differs:"]
      + [(first, told.first), (second, told.second)].map { side, event in
        let text = event.map { "\(time($0.instant)) \($0.text)" } ?? "nothing more"
        return "  \(side.name): \(text)"
      }
  }

  // MARK: Recording

  private struct Recorded {
    let recording: EventRecording
    /// Whether it came to the digest that was saved.
    let isFaithful: Bool
  }

  private func record(_ side: Side, _ window: ClosedRange<Instant>) throws -> Recorded? {
    let expected = side.history.checkpoint(at: window.upperBound)?.digest
    var latest: Recorded?
    for _ in 0..<Self.attempts {
      let folder = FileManager.default.temporaryDirectory.appending(
        path: "borealis-\(ProcessInfo.processInfo.globallyUniqueString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      let child = try ChildProcess.start(
        [
          "run", side.plan, "--seed", "\(side.seed)", "--out", folder.path, "--quiet",
          "--record-window", RecordedWindow(window).argument,
        ] + side.planted.arguments, program: side.program,
        output: folder.appending(path: "output.txt").path)
      let file = folder.appending(path: RecordedWindow.fileName)
      guard child.wait() == .exit(0), let text = try? String(contentsOf: file, encoding: .utf8),
        let recording = EventRecording(text: text)
      else { continue }
      latest = Recorded(recording: recording, isFaithful: recording.digest == expected)
      if latest?.isFaithful == true { return latest }
    }
    return latest
  }

  // MARK: Wording

  private func description(of difference: EventRecording.Difference) -> [String] {
    var lines: [String] = []
    if difference.isInTheLastCommonEvent {
      lines.append(
        "the last event in common did not do the same in both: a draw of a random number differs, or "
          + "what it told")
    } else if let event = (difference.first.first ?? difference.second.first) {
      lines.append("the first event that differs is number \(event.number + 1)")
    } else {
      lines.append("the last event in common did not do the same in both")
    }
    lines += difference.before.map { "  both: \(text(of: $0))" }
    for (side, events) in [(first, difference.first), (second, difference.second)] {
      lines += events.map { "  \(side.name): \(text(of: $0))" }
      if events.isEmpty { lines.append("  \(side.name): nothing more until the end of that time") }
    }
    return lines
  }

  private func text(of line: EventRecording.Line) -> String {
    "\(time(line.instant)) \(line.text)"
  }

  /// As the scenario counts, to the nanosecond.
  private func time(_ instant: Instant) -> String {
    let since = instant - (first.history.origin ?? .start)
    let origin = first.history.origin == nil ? " from the very beginning" : ""
    return String(format: "%.9f s", since.seconds) + origin
  }
}
