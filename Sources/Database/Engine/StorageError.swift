/// Why the engine refused an operation, in terms that SQL has a code for.
public enum StorageError: Error, Equatable, Sendable {
  /// Two transactions wait for each other; the detail names who waits for whom.
  case deadlock(detail: String)
  /// At REPEATABLE READ, the row was changed after the snapshot was taken.
  case concurrentUpdate
  /// At REPEATABLE READ, the row was deleted after the snapshot was taken.
  case concurrentDelete
  /// A row with this key exists; `index` is its name, that of the primary key included.
  case uniqueViolation(index: String)
  /// A unique index cannot be made: the row has the same key as one before it.
  case duplicateKey(index: String, row: [UInt8])
  /// The lock was not free, and the caller did not want to wait, or not longer.
  case lockNotAvailable
  /// The wait was cancelled from outside.
  case cancelled
  /// A row or a key of `size` bytes, where `limit` are possible.
  case rowTooLarge(size: Int, limit: Int)
  /// The undo that the view needs is gone.
  case snapshotTooOld
  case duplicateTable(String)
  case undefinedTable(String)
  case duplicateIndex(String)
  case undefinedIndex(String)
  /// The instance is a reader.
  case readOnly
  /// The volume holds something else than a database of this format.
  case unknownFormat

  /// The five-character code on which drivers dispatch.
  public var sqlState: String {
    switch self {
    case .deadlock: "40P01"
    case .concurrentUpdate, .concurrentDelete: "40001"
    case .uniqueViolation, .duplicateKey: "23505"
    case .lockNotAvailable: "55P03"
    case .cancelled: "57014"
    case .rowTooLarge: "54000"
    case .snapshotTooOld: "72000"
    case .duplicateTable, .duplicateIndex: "42P07"
    case .undefinedTable: "42P01"
    case .undefinedIndex: "42704"
    case .readOnly: "25006"
    case .unknownFormat: "58P01"
    }
  }

  /// Whether the same transaction may succeed if it is simply run again.
  public var isRetryable: Bool { sqlState.hasPrefix("40") }
}

extension StorageError: CustomStringConvertible {
  /// The primary message, worded as PostgreSQL words it.
  public var description: String {
    switch self {
    case .deadlock: "deadlock detected"
    case .concurrentUpdate: "could not serialize access due to concurrent update"
    case .concurrentDelete: "could not serialize access due to concurrent delete"
    case .uniqueViolation(let index):
      "duplicate key value violates unique constraint \"\(index)\""
    case .duplicateKey(let index, _): "could not create unique index \"\(index)\""
    case .lockNotAvailable: "canceling statement due to lock timeout"
    case .cancelled: "canceling statement due to user request"
    case .rowTooLarge(let size, let limit): "row is too big: size \(size), maximum size \(limit)"
    case .snapshotTooOld: "snapshot too old"
    case .duplicateTable(let name), .duplicateIndex(let name):
      "relation \"\(name)\" already exists"
    case .undefinedTable(let name): "relation \"\(name)\" does not exist"
    case .undefinedIndex(let name): "index \"\(name)\" does not exist"
    case .readOnly: "cannot execute the statement in a read-only transaction"
    case .unknownFormat: "the volume holds no database of this format"
    }
  }
}
