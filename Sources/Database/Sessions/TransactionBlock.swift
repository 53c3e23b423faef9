import SQL
import Wire

/// Where a session stands in its transaction.
///
/// ```
///            statement              BEGIN
///   idle ────────────────▶ implicit ─────▶ open ◀──ROLLBACK TO── failed
///    ▲ ▲                     │  │           │ │                    ▲
///    │ └─ end of query, Sync ┘  └─error─┐   │ └──────error─────────┤
///    └──────────────────────────────────┴───┴── COMMIT, ROLLBACK ──┘
/// ```
/// An implicit block is the one around the statements of one simple query, or those up to a Sync.
struct TransactionBlock {
  enum State {
    case idle
    case implicit
    case open
    case failed
  }

  /// A savepoint of the block, by its name.
  struct NamedSavepoint {
    let name: String
    let point: Savepoint
    let parameters: SessionParameters
  }

  var state = State.idle
  /// `nil` while idle, and once an error has ended it.
  var transaction: Transaction?
  var isolation = SQL.IsolationLevel.readCommitted
  var isReadOnly = false
  /// Whether a statement has run, so that the modes can be changed no more.
  var hasRunStatement = false
  var savepoints: [NamedSavepoint] = []
  /// What `now()` says.
  var timestamp: Int64 = 0
  /// The volume is gone: nothing can be rolled back.
  var isLost = false

  /// Whether the client has begun it.
  var isOpen: Bool { state == .open || state == .failed }

  var status: TransactionStatus {
    switch state {
    case .idle, .implicit: .idle
    case .open: .inTransaction
    case .failed: .failed
    }
  }
}
