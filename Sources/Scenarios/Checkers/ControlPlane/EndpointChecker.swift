public import Simulation

/// The cluster endpoint moves to an instance only when that has opened as the writer since the name last moved away
/// from it.
///
/// Not judged once the control plane's disk has been damaged: it may not know who the writer was.
public struct EndpointChecker: Checker {
  public enum Observation: Sendable {
    /// An engine has opened as the writer.
    case opened(instance: String)
    /// The zone that the name servers are to have.
    case named(writer: String)
    /// What the control plane's disk holds may be gone.
    case recordDamaged
  }

  private var named: String?
  /// Who has opened since the name last moved.
  private var opened: [String] = []
  private var isDamaged = false
  public private(set) var moveCount = 0

  public init() {}

  public mutating func observe(_ observation: Observation, at now: Instant) -> Violation? {
    switch observation {
    case .recordDamaged: isDamaged = true
    case .opened(let instance): opened.append(instance)
    case .named(let writer):
      defer { named = writer }
      guard let named, named != writer else { return nil }
      moveCount += 1
      defer { opened.removeAll { $0 != writer } }
      guard !isDamaged, !opened.contains(writer) else { return nil }
      return Violation(
        .endpointFollowsWriter, at: now,
        evidence:
          "the cluster endpoint moved from \(named) to \(writer), which had not opened as the"
          + " writer")
    }
    return nil
  }
}
