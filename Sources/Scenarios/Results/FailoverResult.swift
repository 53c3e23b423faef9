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
  /// The instant of the fault, before which no outage begins.
  public var cause: Instant
  public var oldWriter: String
  /// `nil` if there was no writer again before the run ended.
  public var newWriter: String?
  /// One for each client host at the cluster endpoint that was interrupted, in the scenario's order.
  public var outages: [ClientOutage]
  /// Client hosts at the cluster endpoint that were at work, interrupted or not.
  public var clientsAtWork: [String] = []

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
  /// The longest outage, one that had not ended when the run did counted up to then.
  public var longestSeen: Interval? { outages.map(\.waterfall.total).max() }
  /// Whether some outage had not ended when the run did.
  public var goesOn: Bool { outages.contains { $0.firstCommit == nil } }
}

/// How long one client could not commit, and where the time went.
public struct ClientOutage: Codable, Equatable, Sendable {
  public var client: String
  /// The first commit that the next writer acknowledged; `nil` if there was none before the run ended, in which
  /// case `waterfall` ends with the run.
  public var firstCommit: Instant?
  /// Begins at the later of the fault and the client's last acknowledged commit.
  public var waterfall: Waterfall
  /// What a client that never recovered was waiting for when the run ended, in words; `nil` for one that did.
  public var obstacle: String?

  public init(
    client: String, firstCommit: Instant?, waterfall: Waterfall, obstacle: String? = nil
  ) {
    if let firstCommit {
      precondition(firstCommit == waterfall.end, "the waterfall does not add up")
    }
    (self.client, self.firstCommit, self.waterfall) = (client, firstCommit, waterfall)
    self.obstacle = obstacle
  }

  /// From the last commit to the first one again; `nil` if it did not end.
  public var duration: Interval? { firstCommit == nil ? nil : waterfall.total }
}
