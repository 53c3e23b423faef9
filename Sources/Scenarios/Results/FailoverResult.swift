public import Simulation

/// One change or restart of the writer, as the clients of the cluster endpoint saw it.
public struct FailoverResult: Codable, Equatable, Sendable {
  public enum Kind: String, CaseIterable, Codable, Sendable {
    /// A reader was promoted.
    case failover
    /// The old writer came back by itself.
    case restart
  }

  public var kind: Kind
  /// The fault that caused it; `nil` if none was going on.
  public var fault: String?
  /// The instant of the fault, where every outage begins.
  public var cause: Instant
  public var oldWriter: String
  /// `nil` if there was no writer again before the run ended.
  public var newWriter: String?
  /// One for each client that uses the cluster endpoint, in the scenario's order.
  public var outages: [ClientOutage]

  public init(
    kind: Kind, fault: String?, cause: Instant, oldWriter: String, newWriter: String?,
    outages: [ClientOutage]
  ) {
    self.kind = kind
    self.fault = fault
    self.cause = cause
    self.oldWriter = oldWriter
    self.newWriter = newWriter
    self.outages = outages
  }

  /// The longest outage that ended, or `nil` if none did.
  public var longest: Interval? { outages.compactMap(\.duration).max() }
}

/// How long one client could not commit, and where the time went.
public struct ClientOutage: Codable, Equatable, Sendable {
  public var client: String
  /// The first commit acknowledged after the cause through the cluster endpoint; `nil` if there
  /// was none before the run ended, in which case `waterfall` ends with the last phase that did.
  public var firstCommit: Instant?
  /// Begins at the failover's cause and, if there was a first commit, ends at it exactly.
  public var waterfall: Waterfall

  public init(client: String, firstCommit: Instant?, waterfall: Waterfall) {
    if let firstCommit {
      precondition(firstCommit == waterfall.end, "the waterfall does not add up")
    }
    self.client = client
    self.firstCommit = firstCommit
    self.waterfall = waterfall
  }

  /// From the fault to the first commit; `nil` if it did not end.
  public var duration: Interval? { firstCommit == nil ? nil : waterfall.total }
}
