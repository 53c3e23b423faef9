public import Simulation

/// The course of a run, short enough to be kept: what was told, and a fingerprint of everything else every
/// half second of virtual time.
///
/// ```
///   virtual time  0 ──┼───────┼───────┼───────┼──▶
///   checkpoints       1       2       3       4      events so far, digest so far
///   kept events       * *           *     *          rare: faults, elections, restarts
/// ```
///
/// Two runs with equal checkpoints did the same things up to there. Where they part lies between the last
/// checkpoint that is equal and the next; one half second can be recorded in full, a whole run cannot.
public struct RunHistory: Codable, Equatable, Sendable {
  /// All that had happened by an instant, as a fingerprint.
  public struct Checkpoint: Codable, Equatable, Sendable {
    /// Since the very beginning, before the cluster was open.
    public var instant: Instant
    public var eventCount: UInt64
    public var digest: String

    public init(instant: Instant, eventCount: UInt64, digest: String) {
      (self.instant, self.eventCount, self.digest) = (instant, eventCount, digest)
    }
  }

  /// An event of the trace.
  public struct KeptEvent: Codable, Equatable, Sendable {
    public var instant: Instant
    /// Name, subject and fields, without the instant.
    public var text: String

    public init(instant: Instant, text: String) { (self.instant, self.text) = (instant, text) }
  }

  /// The instant that the scenario calls zero; `nil` if the cluster never opened.
  public var origin: Instant?
  /// In order of time.
  public var checkpoints: [Checkpoint]
  /// In order of time.
  public var events: [KeptEvent]

  public init(
    origin: Instant? = nil, checkpoints: [Checkpoint] = [], events: [KeptEvent] = []
  ) {
    (self.origin, self.checkpoints, self.events) = (origin, checkpoints, events)
  }
}

extension RunHistory {
  /// Where two runs part.
  public struct Parting: Equatable, Sendable {
    /// From the last checkpoint that is equal to the next; both runs were the same up to its start.
    public let window: ClosedRange<Instant>
    /// How many events both had in common at the start of the window, at least.
    public let commonEvents: UInt64
    /// The first kept event that differs, of each; `nil` where a run tells of no more.
    public let told: (first: KeptEvent?, second: KeptEvent?)?

    public static func == (lhs: Parting, rhs: Parting) -> Bool {
      lhs.window == rhs.window && lhs.commonEvents == rhs.commonEvents
        && lhs.told?.first == rhs.told?.first && lhs.told?.second == rhs.told?.second
    }
  }

  /// Where this run and another one part; `nil` if they never do.
  public func parting(from other: RunHistory) -> Parting? {
    let common = zip(checkpoints, other.checkpoints).prefix { $0 == $1 }.count
    guard common < max(checkpoints.count, other.checkpoints.count) else { return nil }
    let start = common == 0 ? Instant.start : checkpoints[common - 1].instant
    let ends = [checkpoints, other.checkpoints].compactMap {
      common < $0.count ? $0[common].instant : nil
    }
    let kept = zip(events, other.events).prefix { $0 == $1 }.count
    let isTold = kept < max(events.count, other.events.count)
    return Parting(
      window: start...(ends.max() ?? start),
      commonEvents: common == 0 ? 0 : checkpoints[common - 1].eventCount,
      told: isTold
        ? (
          kept < events.count ? events[kept] : nil,
          kept < other.events.count ? other.events[kept] : nil
        ) : nil)
  }

  /// The fingerprint at an instant, if there is one of it.
  public func checkpoint(at instant: Instant) -> Checkpoint? {
    checkpoints.first { $0.instant == instant }
  }
}
