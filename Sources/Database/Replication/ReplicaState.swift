import DequeModule
import Simulation
import Volume

/// What a reader knows from the writer's stream: a state machine, messages in, what to apply out.
///
/// Invariants (SIGMOD 2018, §3.4): nothing above the VDL is applied; mini-transactions are applied whole
/// and in order; a view of the data at the VDL knows exactly the transactions that had ended by then.
struct ReplicaState {
  private(set) var epoch = VolumeEpoch.none
  private(set) var durable = DurablePoint(lsn: .zero, groupTails: [], announced: .start)
  private(set) var nextTransaction: UInt64 = 0
  /// In flight as of the durable point, ascending.
  private(set) var active: [UInt64] = []
  private var pending = Deque<(last: LSN, bytes: [UInt8])>()
  private var endings = Deque<(transaction: UInt64, lsn: LSN)>()
  private(set) var hasGreeting = false
  /// What the writer has told of all instances.
  private(set) var told: [ReplicaStatus] = []

  enum Action: Equatable {
    /// Forget all cached pages: they may have missed changes.
    case reset
    /// Apply one or more whole mini-transactions.
    case apply([UInt8])
    /// The durable point moved; everything up to it has been applied.
    case advanced
  }

  /// The last record that has arrived, applied or not.
  var highestReceived: LSN { pending.last?.last ?? durable.lsn }

  mutating func receive(_ message: ReplicationMessage) throws -> [Action] {
    switch message {
    case .hello(let hello):
      epoch = hello.epoch
      durable = hello.durable
      nextTransaction = hello.nextTransaction
      active = hello.active
      pending.removeAll()
      endings.removeAll()
      hasGreeting = true
      told = []
      return [.reset, .advanced]
    case .records(let bytes):
      pending.append((try LogRecord.lastLSN(in: bytes), bytes))
      return []
    case .began(let transaction):
      // Ids are given out in ascending order, so the list stays sorted.
      if transaction >= nextTransaction {
        active.append(transaction)
        nextTransaction = transaction + 1
      }
      return []
    case .ended(let transaction, let lsn):
      endings.append((transaction, lsn))
      return []
    case .durable(let point):
      return advance(to: point)
    case .status(let rows):
      told = rows
      return []
    case .feedback:
      return []
    }
  }

  private mutating func advance(to point: DurablePoint) -> [Action] {
    guard point.lsn >= durable.lsn else { return [] }
    durable = point
    var actions: [Action] = []
    while let first = pending.first, first.last <= point.lsn {
      actions.append(.apply(first.bytes))
      pending.removeFirst()
    }
    while let first = endings.first, first.lsn <= point.lsn {
      if let index = active.firstIndex(of: first.transaction) { active.remove(at: index) }
      endings.removeFirst()
    }
    actions.append(.advanced)
    return actions
  }
}

extension LogRecord {
  /// The LSN of the last of the records that are encoded one after another in `bytes`.
  fileprivate static func lastLSN(in bytes: [UInt8]) throws -> LSN {
    try bytes.withUnsafeBytes { buffer in
      var reader = ByteReader(buffer)
      var last = LSN.zero
      while !reader.isAtEnd { last = try LogRecord(from: &reader).lsn }
      return last
    }
  }
}
