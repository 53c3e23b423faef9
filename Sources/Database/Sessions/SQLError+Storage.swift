import SQL

extension SQLError {
  /// What the storage engine refused, in PostgreSQL's words.
  init(_ error: StorageError) {
    switch error {
    case .deadlock(let detail): self = .deadlockDetected(detail: detail)
    case .concurrentUpdate: self = .serializationFailure
    case .lockNotAvailable: self = .lockNotAvailable()
    case .cancelled: self = .queryCanceled()
    default: self.init(sqlState: error.sqlState, message: error.description)
    }
  }

  /// The session was idle for too long within a transaction.
  static var idleInTransaction: SQLError {
    SQLError(
      sqlState: "25P03",
      message: "terminating connection due to idle-in-transaction timeout")
  }

  static func protocolViolation(_ message: String) -> SQLError {
    SQLError(sqlState: "08P01", message: message)
  }
}
