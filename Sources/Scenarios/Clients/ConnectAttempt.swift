import ControlPlane
import Simulation
import Wire

/// One attempt of a session to get a connection to the database: where its time went, and how it ended.
///
/// ```
///   wanted ·· earlier attempts, pauses ·· begun ── name ──▶ resolved ── TCP ──▶ connected ── log in ──▶ ended
///                                           └───────────── it may fail anywhere ─────────────┘
/// ```
///
/// The client host fills it in as it goes, so that one which is under way tells how far it has come.
final class ConnectAttempt {
  /// How an attempt failed.
  struct Failure: Equatable {
    enum Cause: String {
      /// Somebody said no: the server by an SQLSTATE, or a host on which nobody listens.
      case refused
      /// Nobody said anything: the name server, the host, or the server at the log-in.
      case timedOut
      /// It broke on the way.
      case broken
    }
    let cause: Cause
    /// An SQLSTATE, or what happened: `connection refused`, `log-in timed out`.
    let kind: String
  }

  /// The number of the session in its workload.
  let session: Int
  /// The client's host.
  let client: String
  /// When the session began to try: the beginning of the first of its attempts in a row.
  let wanted: Instant
  let begun: Instant
  /// When the name had been resolved.
  var resolved: Instant?
  /// What the name stood for.
  var server: HostID?
  /// Whether the answer was one that the client had kept.
  var isCached = false
  /// When the transport was connected, and the log-in began.
  var connected: Instant?
  /// `nil` while it is under way.
  var ended: Instant?
  /// `nil` if it worked, or is under way.
  var failure: Failure?

  init(session: Int, client: String, wanted: Instant, begun: Instant) {
    (self.session, self.client, self.wanted, self.begun) = (session, client, wanted, begun)
  }

  var isOpened: Bool { ended != nil && failure == nil }

  /// Notes that it has failed.
  func fail(_ error: any Error, at now: Instant) {
    ended = now
    failure = Failure(error, isResolved: resolved != nil, isConnected: connected != nil)
  }
}

extension ConnectAttempt.Failure {
  fileprivate init(_ error: any Error, isResolved: Bool, isConnected: Bool) {
    switch error {
    case let fields as ErrorFields: self.init(cause: .refused, kind: fields.sqlState)
    case let error as ResolutionError:
      switch error {
      case .timedOut: self.init(cause: .timedOut, kind: "name server timed out")
      case .serverFailure: self.init(cause: .broken, kind: "name server failure")
      case .noSuchName: self.init(cause: .refused, kind: "no such name")
      }
    case let error as ConnectionError:
      switch error {
      case .refused: self.init(cause: .refused, kind: "connection refused")
      case .timedOut:
        self.init(cause: .timedOut, kind: isConnected ? "log-in timed out" : "connect timed out")
      case .reset: self.init(cause: .broken, kind: "connection reset")
      case .closed: self.init(cause: .broken, kind: "connection closed")
      }
    case is ProcessEnded: self.init(cause: .broken, kind: "application ended")
    default: self.init(cause: .broken, kind: "protocol error")
    }
  }
}
