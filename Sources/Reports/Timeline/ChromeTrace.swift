public import Scenarios
public import Simulation
import Statistics

/// A recorded run in the Trace Event Format, which Perfetto and Chrome open.
///
/// Hosts are processes; sessions, disks and the messages of a host are its threads. A message is a mark at
/// each end and a flow between them. Faults are slices of a process of their own, with the words of the
/// trace beside them; processor use, capacity, lag and throughput are counters. A reader that is down has no
/// lag, and gets no value: the format has no gaps, so that a viewer draws the last one on.
///
/// Times are microseconds since the scenario's zero, with three decimals, so that none is rounded.
///
/// Source: "Trace Event Format", Google, 2016.
public struct ChromeTrace {
  public static let fileName = "trace.json"

  private let recorder: ActivityRecorder
  private let result: RunResult
  private let history: RunHistory
  private let hosts: [String]

  /// - Parameter hosts: their names, by the index of their ids.
  public init(
    of recorder: ActivityRecorder, result: RunResult, history: RunHistory, hosts: [String]
  ) {
    (self.recorder, self.result, self.history, self.hosts) = (recorder, result, history, hosts)
  }

  public var text: String {
    var writer = ChromeTraceWriter(origin: history.origin ?? .start)
    writeFaults(to: &writer)
    writeWorkloads(to: &writer)
    for (index, host) in hosts.enumerated() { write(host, index, to: &writer) }
    let about = [
      ("scenario", result.scenario), ("seed", "\(result.seed)"), ("build", result.build),
      ("digest", result.digest), ("omitted activities", "\(recorder.omitted)"),
    ]
    return writer.document(about: about)
  }

  // MARK: Processes

  private static let faultsProcess = 1
  private static let workloadsProcess = 2
  private static let firstHost = 10

  private func writeFaults(to writer: inout ChromeTraceWriter) {
    let process = Self.faultsProcess
    writer.name(process: process, "faults")
    let end = Instant.start + result.simulatedTime
    for fault in result.faults {
      guard let start = fault.start else { continue }
      let thread = writer.addRow(to: process, fault.id)
      writer.slice(
        thread, "\(fault.kind) \(fault.targets)", category: "fault",
        from: history.absolute(start), to: history.absolute(fault.end ?? end),
        [
          "victims": .text(fault.victims.joined(separator: " ")),
          "evidence": .text(fault.evidence),
        ])
    }
    let words = writer.addRow(to: process, "words of the trace")
    for event in history.events where event.instant >= history.absolute(.start) {
      let name = event.text.prefix { $0 != " " }
      writer.mark(words, String(name), at: event.instant, ["text": .text(event.text)])
    }
  }

  private func writeWorkloads(to writer: inout ChromeTraceWriter) {
    let process = Self.workloadsProcess
    writer.name(process: process, "workloads")
    for workload in result.series.workloads {
      for (bucket, count) in workload.committed.enumerated() {
        writer.counter(
          process, "commits of \(workload.id)", at: instant(of: bucket), Double(count))
      }
      for (bucket, count) in workload.errors.enumerated() {
        writer.counter(process, "errors of \(workload.id)", at: instant(of: bucket), Double(count))
      }
    }
  }

  private func write(_ host: String, _ index: Int, to writer: inout ChromeTraceWriter) {
    let process = Self.firstHost + index
    writer.name(process: process, host)
    for lane in recorder.lanes where lane.host.index == index && !lane.activities.isEmpty {
      let thread = writer.addRow(to: process, lane.name)
      for activity in lane.activities {
        writer.slice(
          thread, activity.name, category: "activity", from: activity.start,
          to: activity.end ?? recorder.window.upperBound)
      }
    }
    writeMessages(of: index, to: &writer)
    for instance in result.series.instances where instance.id == host {
      for (bucket, use) in instance.processorUse.enumerated() {
        writer.counter(process, "processor use, %", at: instant(of: bucket), (use ?? 0) * 100)
      }
      for (bucket, capacity) in instance.capacity.enumerated() {
        writer.counter(process, "ACU", at: instant(of: bucket), capacity ?? 0)
      }
    }
    for reader in result.series.lag where reader.reader == host {
      for (bucket, lag) in reader.highest.enumerated() {
        guard let lag else { continue }
        writer.counter(process, "lag, ms", at: instant(of: bucket), lag.milliseconds)
      }
    }
  }

  private func instant(of bucket: Int) -> Instant {
    history.absolute(result.series.start(of: bucket))
  }

  // MARK: Messages

  /// One end of a message.
  private struct MessageEnd {
    let instant: Instant
    /// Its place among all messages.
    let number: Int
    let isArrival: Bool
  }

  private func writeMessages(of host: Int, to writer: inout ChromeTraceWriter) {
    var ends: [MessageEnd] = []
    for (number, message) in recorder.messages.enumerated() {
      if message.source.index == host {
        ends.append(MessageEnd(instant: message.sent, number: number, isArrival: false))
      }
      if message.target.index == host, let arrived = message.arrived {
        ends.append(MessageEnd(instant: arrived, number: number, isArrival: true))
      }
    }
    if ends.isEmpty { return }
    ends.sort {
      ($0.instant, $0.number, $1.isArrival ? 0 : 1) < ($1.instant, $1.number, $0.isArrival ? 0 : 1)
    }
    let thread = writer.addRow(to: Self.firstHost + host, "messages")
    var next = ends.count
    var width = Self.markWidth
    var widths = [Interval](repeating: Self.markWidth, count: ends.count)
    // A mark ends before the next one begins; those of one instant lie inside one another.
    for index in ends.indices.reversed() {
      if index + 1 < ends.count, ends[index + 1].instant > ends[index].instant {
        next = index + 1
      }
      width = next < ends.count ? ends[next].instant - ends[index].instant : Self.markWidth
      widths[index] = min(Self.markWidth, width)
    }
    for (end, width) in zip(ends, widths) {
      write(end, width, to: &writer, thread)
    }
  }

  private static let markWidth = Interval.microseconds(1)

  private func write(
    _ end: MessageEnd, _ width: Interval, to writer: inout ChromeTraceWriter,
    _ thread: ChromeTraceWriter.Row
  ) {
    let message = recorder.messages[end.number]
    let other = hosts[end.isArrival ? message.source.index : message.target.index]
    let name =
      end.isArrival
      ? "from \(other)"
      : message.isLost
        ? "lost on the way to \(other)"
        : message.arrived == nil ? "to \(other), where it never arrived" : "to \(other)"
    writer.slice(
      thread, name, category: "message", from: end.instant, to: end.instant + width,
      ["bytes": .number(message.bytes)])
    if message.arrived == nil { return }
    writer.flow(
      thread, end.number, at: end.instant, end.isArrival ? .end : .start)
  }
}

extension RunHistory {
  /// An instant of the scenario as the run counts, from the very beginning.
  fileprivate func absolute(_ instant: Instant) -> Instant {
    (origin ?? .start) + instant.sinceStart
  }
}
