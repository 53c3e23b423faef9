public import Simulation

/// Whatever a client is told has a cause that is known: an error that nothing in the run explains is a defect.
///
/// | what a client met | is explained by |
/// |---|---|
/// | an SQLSTATE that the mix expects of its own statements | those |
/// | 40001, 40P01 | other transactions |
/// | 25006 | a writer that is none any more: another one has opened |
/// | 57P01, 57P02, 57P03 | an engine that has ended, or is not open yet |
/// | 53300 | a storm of connections, or a limit of them that the run has drawn or met |
/// | 72000 | a replica that lags: a fault that has acted |
/// | a time-out | a fault that has acted, or a queue: always |
/// | a connection refused, reset or closed; a name server's failure | a fault that has acted, or an engine that has ended |
/// | any other SQLSTATE, and bytes that are no protocol | nothing |
///
/// After a statement of the scenario's own, which may have dropped a table or set a parameter, anything goes; of Aurora's
/// fault-injection functions it is known what they do.
///
/// Source of the codes: PostgreSQL's documentation, appendix A. That nothing else may occur is what the mixes promise:
/// their statements are right, and meet no limit by themselves.
public struct ErrorChecker: Checker {
  public enum Observation: Sendable {
    /// A fault has acted.
    case disturbed
    /// An engine is not open, or no longer.
    case engineEnded
    /// A second writer has opened.
    case writerChanged
    /// Connections may run out.
    case connectionsScarce
    /// A statement of the scenario, which may do anything, has been sent.
    case anythingAsked
    /// - Parameters:
    ///   - kind: an SQLSTATE, or what became of the connection.
    ///   - text: what the server said with it; empty if it said nothing.
    ///   - isExpected: whether the mix's own statements may meet it without any fault.
    case met(workload: String, kind: String, text: String, isExpected: Bool)
  }

  private var isDisturbed = false
  private var hasEnded = false
  private var hasChanged = false
  private var isScarce = false
  private var isAnythingAsked = false
  /// The kinds that have been told of: one violation each is enough.
  private var told: [String] = []
  public private(set) var errorCount = 0

  public init() {}

  public mutating func observe(_ observation: Observation, at now: Instant) -> Violation? {
    switch observation {
    case .disturbed: isDisturbed = true
    case .engineEnded: hasEnded = true
    case .writerChanged: hasChanged = true
    case .connectionsScarce: isScarce = true
    case .anythingAsked: isAnythingAsked = true
    case .met(let workload, let kind, let text, let isExpected):
      errorCount += 1
      guard !isExpected, !isAnythingAsked, !isExplained(kind), !told.contains(kind) else {
        return nil
      }
      told.append(kind)
      return Violation(
        .errorsAreExplained, at: now,
        evidence: "a transaction of \(workload) met \(kind)"
          + (text.isEmpty ? "" : ", \"\(text)\"") + ", \(circumstances)")
    }
    return nil
  }

  private func isExplained(_ kind: String) -> Bool {
    switch kind {
    case "40001", "40P01", "timed out", "connect timed out", "log-in timed out": true
    case "25006": hasChanged
    case "57P01", "57P02", "57P03": hasEnded
    case "53300": isScarce
    case "72000": isDisturbed
    case "connection refused", "connection reset", "connection closed", "name server timed out",
      "name server failure":
      isDisturbed || hasEnded
    case "application ended": isDisturbed
    default: false
    }
  }

  private var circumstances: String {
    !isDisturbed && !hasEnded
      ? "though nothing had happened to the cluster" : "which no fault of the run explains"
  }
}
