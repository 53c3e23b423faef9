public import Simulation

/// Each volume epoch has at most one writer, no segment goes back to an older epoch, and who has been
/// replaced acknowledges no commit.
///
/// An old writer may be alive for a while after a failover and not know it. What fences it is that
/// a segment which has seen a newer epoch refuses its writes; so the order of epochs is checked
/// segment by segment (another segment may hear of the new epoch later, and a write quorum of the
/// new one keeps the old one from reaching its own), and the writer of an epoch across all of them.
///
/// An epoch names its opener, so that two of them can hardly take the same one. What clients saw is held
/// against the openings, too: once somebody has been told of a commit by the next writer, no transaction that
/// begins later can be committed by the one before.
///
/// Source: Verbitski et al., SIGMOD 2018, §2.4.
public struct SingleWriterChecker: Checker {
  /// In order of time.
  public enum Observation: Sendable {
    /// A segment accepted a write. It is enough to report the first write of each pair of epoch and instance
    /// at each segment, and every change.
    ///
    /// - Parameters:
    ///   - writer: the instance that sent the write.
    ///   - segment: the one that accepted it, such as `pg3/c1`.
    case accepted(epoch: UInt64, writer: String, segment: String)
    /// An instance has opened the volume, and serves as the writer from now on.
    case opened(writer: String)
    /// A client was told by an instance that a transaction is committed that wrote.
    ///
    /// - Parameter begun: when the client began the transaction.
    case committed(writer: String, begun: Instant)
  }

  private struct Claim: Sendable {
    let writer: String
    let segment: String
    let instant: Instant
  }

  /// One time that an instance was the writer.
  private struct Term: Sendable {
    let writer: String
    /// When a client first heard of a commit in this term.
    var firstCommit: Instant?
  }

  private var writers = LookupTable<UInt64, Claim>()
  private var epochs = LookupTable<String, UInt64>()
  private var terms: [Term] = []

  /// Writes at segments that were compared.
  public private(set) var acceptedCount = 0
  /// Commits that were held against the openings.
  public private(set) var commitCount = 0
  public var openingCount: Int { terms.count }

  public init() {}

  public mutating func observe(_ observation: Observation, at now: Instant) -> Violation? {
    switch observation {
    case .accepted(let epoch, let writer, let segment):
      acceptedCount += 1
      return observeWrite(epoch, writer, segment, at: now)
    case .opened(let writer):
      terms.append(Term(writer: writer))
      return nil
    case .committed(let writer, let begun):
      commitCount += 1
      return observeCommit(writer, begun: begun, at: now)
    }
  }

  private mutating func observeWrite(
    _ epoch: UInt64, _ writer: String, _ segment: String, at now: Instant
  ) -> Violation? {
    let newest = epochs[segment] ?? 0
    if epoch < newest {
      return Violation(
        .singleWriter, at: now,
        evidence: "segment \(segment) accepted a write of epoch \(epoch) from \(writer) after one of"
          + " epoch \(newest)")
    }
    epochs[segment] = epoch
    guard let first = writers[epoch] else {
      writers[epoch] = Claim(writer: writer, segment: segment, instant: now)
      return nil
    }
    if first.writer == writer { return nil }
    return Violation(
      .singleWriter, at: now,
      evidence: "epoch \(epoch) has two writers: \(first.writer), accepted by segment "
        + "\(first.segment) at \(first.instant), and \(writer), accepted by segment \(segment)")
  }

  private mutating func observeCommit(
    _ writer: String, begun: Instant, at now: Instant
  ) -> Violation? {
    guard let place = terms.lastIndex(where: { $0.writer == writer }) else {
      return Violation(
        .singleWriter, at: now,
        evidence: "\(writer) acknowledged a commit, and never opened the volume as the writer")
    }
    terms[place].firstCommit = terms[place].firstCommit ?? now
    let next = terms[(place + 1)...].first { term in
      term.writer != writer && term.firstCommit.map { $0 <= begun } == true
    }
    guard let next, let since = next.firstCommit else { return nil }
    return Violation(
      .singleWriter, at: now,
      evidence: "\(writer) acknowledged the commit of a transaction that began at \(begun), though"
        + " \(next.writer) had been the writer since then or before, and acknowledged a commit at"
        + " \(since)")
  }
}
