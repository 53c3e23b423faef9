/// How a row or a table is locked, with PostgreSQL's names and conflicts.
///
/// ```
///                        KS  S NKU  U
///   FOR KEY SHARE     KS   .  .  .  ✕
///   FOR SHARE          S   .  .  ✕  ✕
///   FOR NO KEY UPDATE NKU  .  ✕  ✕  ✕
///   FOR UPDATE         U   ✕  ✕  ✕  ✕
///
///                           AS RS RE SUE S SRE E  AE
///   ACCESS SHARE            .  .  .  .  .  .  .  ✕
///   ROW SHARE               .  .  .  .  .  .  ✕  ✕
///   ROW EXCLUSIVE           .  .  .  .  ✕  ✕  ✕  ✕
///   SHARE UPDATE EXCLUSIVE  .  .  .  ✕  ✕  ✕  ✕  ✕
///   SHARE                   .  .  ✕  ✕  .  ✕  ✕  ✕
///   SHARE ROW EXCLUSIVE     .  .  ✕  ✕  ✕  ✕  ✕  ✕
///   EXCLUSIVE               .  ✕  ✕  ✕  ✕  ✕  ✕  ✕
///   ACCESS EXCLUSIVE        ✕  ✕  ✕  ✕  ✕  ✕  ✕  ✕
/// ```
///
/// Source: PostgreSQL documentation, 13.3 (tables 13.2 and 13.3).
public enum LockMode: UInt8, Sendable {
  /// A row whose key must not change and that must not go.
  case forKeyShare = 0
  /// A row that must not change.
  case forShare = 1
  /// A row that is changed, but for its keys: UPDATE of other columns.
  case forNoKeyUpdate = 2
  /// A row that is deleted, or whose primary key or a unique key is changed.
  case forUpdate = 3

  /// SELECT.
  case accessShare = 4
  /// SELECT … FOR UPDATE and the like.
  case rowShare = 5
  /// INSERT, UPDATE, DELETE, COPY.
  case rowExclusive = 6
  /// VACUUM, ANALYZE.
  case shareUpdateExclusive = 7
  /// CREATE INDEX.
  case share = 8
  case shareRowExclusive = 9
  case exclusive = 10
  /// DROP, TRUNCATE, ALTER.
  case accessExclusive = 11

  /// The modes that it conflicts with, one bit for each.
  @inline(__always)
  var conflicts: UInt16 {
    switch self {
    case .forKeyShare: 0x008
    case .forShare: 0x00C
    case .forNoKeyUpdate: 0x00E
    case .forUpdate: 0x00F
    case .accessShare: 0x800
    case .rowShare: 0xC00
    case .rowExclusive: 0xF00
    case .shareUpdateExclusive: 0xF80
    case .share: 0xEC0
    case .shareRowExclusive: 0xFC0
    case .exclusive: 0xFE0
    case .accessExclusive: 0xFF0
    }
  }

  /// Its own bit.
  @inline(__always)
  var bit: UInt16 { 1 << UInt16(rawValue) }

  @inline(__always)
  func conflicts(with other: LockMode) -> Bool { conflicts & other.bit != 0 }

  /// Whether who has this mode needs no other request for `wanted`: all that `wanted` keeps away, this
  /// mode keeps away too.
  @inline(__always)
  func covers(_ wanted: LockMode) -> Bool { wanted.conflicts & ~conflicts == 0 }

  var isOfRow: Bool { rawValue <= LockMode.forUpdate.rawValue }

  /// Whether it is a table's mode that no other such mode conflicts with.
  @inline(__always)
  var isWeak: Bool {
    rawValue >= LockMode.accessShare.rawValue && rawValue <= LockMode.rowExclusive.rawValue
  }

  /// Whether it is a table's mode that conflicts with a weak one.
  @inline(__always)
  var isStrong: Bool { rawValue >= LockMode.share.rawValue }

  /// A table's mode as messages name it.
  var name: String {
    switch self {
    case .forKeyShare, .forShare, .forNoKeyUpdate, .forUpdate: "ShareLock"
    case .accessShare: "AccessShareLock"
    case .rowShare: "RowShareLock"
    case .rowExclusive: "RowExclusiveLock"
    case .shareUpdateExclusive: "ShareUpdateExclusiveLock"
    case .share: "ShareLock"
    case .shareRowExclusive: "ShareRowExclusiveLock"
    case .exclusive: "ExclusiveLock"
    case .accessExclusive: "AccessExclusiveLock"
    }
  }
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
