public import Simulation

/// What a client finds behind a name is what the control plane has lately wanted the name to stand for.
///
/// ```
///   zones        (w | r1 r2) ───────── (r1 | r2) ─────────────────────────────▶
///   resolved                 ✓ w          ✓ w, from memory      ✗ w, too long after
///                                      └──── patience ────┘
/// ```
///
/// The cluster endpoint stands for the writer, the reader endpoint for the readers of a zone, or for its writer if it has
/// none. A look-up is not judged while the control plane or the name servers were in trouble within the patience before it.
public struct NameChecker: Checker {
  public enum Name: Sendable {
    case cluster, reader
  }

  public enum Observation: Sendable {
    /// The zone that the name servers are to have from now on.
    case named(writer: String, readers: [String])
    /// A client has found that a name stands for an instance.
    ///
    /// - Parameter memory: how long the client may keep an answer.
    case resolved(Name, by: String, instance: String, memory: Interval)
  }

  /// How long a name server may be behind.
  private let delay: Interval
  /// When the control plane or a name server was struck.
  private let troubles: [ClosedRange<Instant>]
  private var zones: [(since: Instant, writer: String, readers: [String])] = []
  /// The clients that have been told of: one violation each is enough.
  private var told: [String] = []
  public private(set) var judgedCount = 0

  public init(delay: Interval, troubles: [ClosedRange<Instant>]) {
    (self.delay, self.troubles) = (delay, troubles)
  }

  public mutating func observe(_ observation: Observation, at now: Instant) -> Violation? {
    switch observation {
    case .named(let writer, let readers): zones.append((now, writer, readers))
    case .resolved(let name, let client, let instance, let memory):
      let start = now - memory - delay
      // The zone that was in force at the start of the patience, and all since.
      let current = zones.lastIndex { $0.since <= start } ?? 0
      let candidates = zones.dropFirst(current)
      guard !candidates.isEmpty, !troubles.contains(where: { $0.overlaps(start...now) }) else {
        return nil
      }
      judgedCount += 1
      let isRight = candidates.contains { zone in
        switch name {
        case .cluster: zone.writer == instance
        case .reader:
          zone.readers.isEmpty ? zone.writer == instance : zone.readers.contains(instance)
        }
      }
      guard !isRight, !told.contains(client) else { return nil }
      told.append(client)
      return Violation(
        .namesAreFresh, at: now,
        evidence:
          "\(client) found \(instance) behind the \(name == .cluster ? "cluster" : "reader") endpoint,"
          + " which has not stood for it since \(start)")
    }
    return nil
  }
}
