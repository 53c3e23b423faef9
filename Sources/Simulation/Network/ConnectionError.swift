/// Why a connection cannot be used.
public enum ConnectionError: Error, Equatable, Sendable {
  /// Nobody listens there.
  case refused
  /// The other end vanished and its host said so.
  case reset
  /// The other end closed the connection, and everything that it had sent has been read.
  case closed
  /// Nothing was heard for as long as the caller, or the transport, was willing to wait.
  case timedOut
}
