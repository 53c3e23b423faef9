public import Simulation

/// An outage cut into consecutive phases that add up to it exactly.
///
/// Only durations are stored, so there can be neither a gap nor an overlap. ``init(from:marks:)``
/// makes one from instants that were observed independently of each other.
public struct Waterfall: Codable, Equatable, Sendable {
  /// The phases of a failover in their order; each is named after what ends it.
  public enum Phase: String, CaseIterable, Codable, Sendable {
    /// The monitor concludes from missing messages that the writer is gone.
    case detect
    /// The old writer can no longer have a write accepted.
    case fence
    /// A new writer has been chosen and told.
    case elect
    /// The new writer has found the VDL and truncated above it.
    case recoverVolume = "recover volume"
    /// The new writer accepts connections.
    case open
    /// The cluster endpoint resolves to the new writer for this client.
    case dns = "DNS"
    /// The client has a session on the new writer.
    case reconnect
    /// The client's first commit has been acknowledged.
    case firstCommit = "first commit"
  }

  public struct Span: Codable, Equatable, Sendable {
    public var phase: Phase
    public var duration: Interval

    public init(phase: Phase, duration: Interval) {
      self.phase = phase
      self.duration = duration
    }
  }

  public let start: Instant
  /// In the order of time; a phase that took no time of its own is there with zero.
  public let spans: [Span]

  public init(start: Instant, spans: [Span]) {
    precondition(spans.allSatisfy { $0.duration >= .zero }, "a phase ends before it begins")
    self.start = start
    self.spans = spans
  }

  /// Makes consecutive spans from the instants at which phases were seen to end.
  ///
  /// A client may resolve the endpoint before the new writer opens, or reconnect without asking:
  /// a phase that was already over when the one before it ended gets no time of its own, and one
  /// that was never seen to end gets none either. What remains is the critical path.
  ///
  /// - Parameter marks: when each phase ended, in the order of ``Phase``; `nil` if it did not.
  public init(from start: Instant, marks: [(phase: Phase, end: Instant?)]) {
    var reached = start
    var spans: [Span] = []
    for mark in marks {
      let end = max(mark.end ?? reached, reached)
      spans.append(Span(phase: mark.phase, duration: reached.duration(to: end)))
      reached = end
    }
    self.init(start: start, spans: spans)
  }

  public var total: Interval { spans.reduce(.zero) { $0 + $1.duration } }
  public var end: Instant { start.advanced(by: total) }

  /// The time spent in a phase; zero if it is not listed.
  public func duration(of phase: Phase) -> Interval {
    spans.lazy.filter { $0.phase == phase }.reduce(.zero) { $0 + $1.duration }
  }
}
