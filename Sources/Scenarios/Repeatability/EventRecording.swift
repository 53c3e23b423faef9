public import Simulation

/// Every event of a short window of a run, in order: what only the digest remembers otherwise.
public struct EventRecording: Equatable, Sendable {
  public struct Line: Equatable, Sendable {
    /// Events before this one, from the very beginning.
    public let number: UInt64
    public let instant: Instant
    /// Whom the event called, with its token; or what was told.
    public let text: String
    /// The digest of all that happened before it: events, trace, and the draws of every stream.
    public let digest: String

    public init(number: UInt64, instant: Instant, text: String, digest: String) {
      (self.number, self.instant, self.text, self.digest) = (number, instant, text, digest)
    }
  }

  public var lines: [Line] = []
  /// The digest at the end of the window.
  public var digest = ""

  public init() {}
}

extension EventRecording {
  /// One line for each event: number, nanoseconds, digest, text; the last line is the digest at the end.
  public var text: String {
    var text = ""
    for line in lines {
      text += "\(line.number) \(line.instant.nanoseconds) \(line.digest) \(line.text)\n"
    }
    return text + digest + "\n"
  }

  /// Reads what ``text`` wrote; `nil` if it is anything else.
  public init?(text: String) {
    var rows = text.split(separator: "\n")
    guard let last = rows.popLast() else { return nil }
    for row in rows {
      let parts = row.split(separator: " ", maxSplits: 3)
      guard parts.count == 4, let number = UInt64(parts[0]), let instant = Int64(parts[1]) else {
        return nil
      }
      lines.append(
        Line(
          number: number, instant: Instant(nanoseconds: instant), text: String(parts[3]),
          digest: String(parts[2])))
    }
    digest = String(last)
  }

  /// What two recordings of one window have in common, and where they part.
  public struct Difference: Equatable, Sendable {
    /// The last lines that are equal, at most as many as were asked for.
    public let before: [Line]
    /// From the first line that differs on; empty where a recording ends.
    public let first: [Line]
    public let second: [Line]

    /// Whether the same event comes next in both, and only what came before it did something else: a
    /// draw of a random number, or a word of the trace.
    public var isInTheLastCommonEvent: Bool {
      guard let one = first.first, let other = second.first else { return false }
      return one.number == other.number && one.instant == other.instant && one.text == other.text
    }
  }

  /// - Parameter context: how many lines of each to show, before and after.
  /// - Returns: `nil` if the two are equal.
  public func difference(from other: EventRecording, context: Int) -> Difference? {
    let common = zip(lines, other.lines).prefix { $0 == $1 }.count
    guard common < max(lines.count, other.lines.count) || digest != other.digest else { return nil }
    return Difference(
      before: Array(lines[max(0, common - context)..<common]),
      first: Array(lines[common..<min(lines.count, common + context)]),
      second: Array(other.lines[common..<min(other.lines.count, common + context)]))
  }
}

/// Writes down every event of a window while a run passes through it.
final class EventRecorder: EventObserver {
  private var recording = EventRecording()
  private let window: ClosedRange<Instant>
  private unowned let simulation: Simulation

  /// - Precondition: the run has not come to the window yet.
  init(window: ClosedRange<Instant>, of simulation: Simulation) {
    (self.window, self.simulation) = (window, simulation)
    simulation.loop.observer = self
    simulation.trace.observe { [weak self] in self?.note($0) }
  }

  func willFire(_ target: any EventTarget, token: UInt64, owner: Process?) {
    guard window.contains(simulation.now) else { return }
    add("\(type(of: target)) \(token)\(place(of: owner))")
  }

  func willWake(task token: UInt64, in process: Process?) {
    guard window.contains(simulation.now) else { return }
    add("Task \(token)\(place(of: process))")
  }

  private func place(of process: Process?) -> String {
    process.map { ", \($0.name) on \($0.host.name)" } ?? ""
  }

  /// Ends the recording where the run stands.
  func finish() -> EventRecording {
    simulation.loop.observer = nil
    recording.digest = simulation.digest.hexadecimal
    return recording
  }

  private func note(_ event: TraceEvent) {
    guard window.contains(event.instant) else { return }
    add("tells \(event.details)")
  }

  private func add(_ text: String) {
    recording.lines.append(
      EventRecording.Line(
        number: simulation.loop.eventCount, instant: simulation.now,
        text: text.split(whereSeparator: \.isNewline).joined(separator: " "),
        digest: simulation.digest.hexadecimal))
  }
}
