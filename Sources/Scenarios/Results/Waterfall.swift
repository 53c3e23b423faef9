public import Simulation

/// An outage cut into consecutive phases that add up to it exactly.
///
/// Only durations are stored, so there can be neither a gap nor an overlap.
public struct Waterfall: Codable, Equatable, Sendable {
  /// What an outage is made of, in the order in which it mostly comes: first what the service does, then what the
  /// client makes of it.
  public enum Phase: String, CaseIterable, Codable, Sendable {
    /// The service notices that the writer is gone.
    case detect
    /// A new writer is chosen and told, or the old engine is started again.
    case elect
    /// The new writer fences the old one off the volume, finds the VDL and truncates above it.
    case fenceAndRecover = "fence and recover"
    /// The new writer comes to accept connections.
    case open
    /// The name servers come to have the new writer under the name of the cluster endpoint.
    case nameMoved = "name moved"
    /// The client waits for an answer on a connection that is dead, or that leads to what is the writer no longer.
    case clientNotices = "client notices"
    /// The client asks the name server and waits for its answer.
    case nameLookUp = "name look-up"
    /// The client goes where an answer leads that it has kept, though the name has moved.
    case nameCached = "name cached"
    /// The client connects its transport, whether or not that works, and pauses after an attempt that failed.
    case connectAttempts = "connect attempts"
    /// The client logs in, whether or not it is let in.
    case logIn = "log in"
    /// The session is there; a transaction is on its way to its commit.
    case firstCommit = "first commit"
    /// The client wants nothing of the database.
    case noRequest = "no request"
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

  /// Makes spans of stretches of time that follow each other without a gap.
  ///
  /// Stretches of one phase become one span, at the place of the first of them.
  public init(from start: Instant, stretches: [(phase: Phase, duration: Interval)]) {
    var spans: [Span] = []
    for stretch in stretches {
      if let place = spans.firstIndex(where: { $0.phase == stretch.phase }) {
        spans[place].duration = spans[place].duration + stretch.duration
      } else {
        spans.append(Span(phase: stretch.phase, duration: stretch.duration))
      }
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
