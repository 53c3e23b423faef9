/// How a row or a table is locked.
///
/// ```
///                     row:  share  exclusive      table: read  write  share  exclusive
///   share                           ✕               read                        ✕
///   exclusive                ✕      ✕               write             ✕         ✕
///                                                   share       ✕               ✕
///                                                   exclusive ✕ ✕      ✕         ✕
/// ```
public enum LockMode: UInt8, Sendable {
  /// A row that must not change: FOR SHARE.
  case rowShare = 0
  /// A row that is changed: FOR UPDATE, UPDATE, DELETE.
  case rowExclusive = 1
  /// A table that is read (PostgreSQL's ACCESS SHARE).
  case tableRead = 2
  /// A table whose rows are changed (ROW EXCLUSIVE).
  case tableWrite = 3
  /// A table whose rows must not change (SHARE): CREATE INDEX.
  case tableShare = 4
  /// A table that is changed itself (ACCESS EXCLUSIVE).
  case tableExclusive = 5

  private var conflicts: UInt8 {
    switch self {
    case .rowShare: 0b00_0010
    case .rowExclusive: 0b00_0011
    case .tableRead: 0b10_0000
    case .tableWrite: 0b11_0000
    case .tableShare: 0b10_1000
    case .tableExclusive: 0b11_1100
    }
  }

  private var covered: UInt8 {
    switch self {
    case .rowShare: 0b00_0001
    case .rowExclusive: 0b00_0011
    case .tableRead: 0b00_0100
    case .tableWrite: 0b00_1100
    case .tableShare: 0b01_0100
    case .tableExclusive: 0b11_1100
    }
  }

  func conflicts(with other: LockMode) -> Bool { conflicts & 1 << other.rawValue != 0 }

  /// Whether who has this mode needs no other request for `wanted`.
  func covers(_ wanted: LockMode) -> Bool { covered & 1 << wanted.rawValue != 0 }
}

/// What to do if a lock is not free.
public enum LockWaiting: Sendable {
  /// Wait for as long as it takes.
  case wait
  /// NOWAIT: an error at once.
  case fail
  /// SKIP LOCKED: pass over the row.
  case skip
}
