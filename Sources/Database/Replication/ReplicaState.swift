import DequeModule
import Simulation
import Volume

/// What a reader knows from the writer's stream: a state machine, messages in, what to apply out.
///
/// ```
///   receive(message) ─┬─ .nothing
///                     ├─ .reset      everything starts again at the durable point
///                     └─ .advance    takeNext() until there is nothing, and the durable point is reached
/// ```
///
/// Invariants (SIGMOD 2018, §3.4): nothing above the VDL is applied; mini-transactions are applied whole
/// and in order; a view of the data at the VDL knows exactly the transactions that had ended by then.
struct ReplicaState {
  private(set) var epoch = VolumeEpoch.none
  private(set) var durable = DurablePoint(lsn: .zero, groupTails: [], announced: .start)
  private(set) var nextTransaction: UInt64 = 0
  /// In flight as of the durable point, ascending.
  private(set) var active: [TransactionID] = []
  private var pending = Deque<(last: LSN, bytes: [UInt8])>()
  private var endings = Deque<(transaction: UInt64, lsn: LSN)>()
  /// What the writer has told of all instances.
  private(set) var told: [ReplicaStatus] = []

  enum Reaction: Equatable {
    case nothing
    /// Forget all cached pages: they may have missed changes.
    case reset
    /// The durable point moved: apply what ``takeNext()`` gives, then show the data as of that point.
    case advance
  }

  /// The last record that has arrived, applied or not.
  var highestReceived: LSN { pending.last?.last ?? durable.lsn }

  mutating func receive(
    _ message: ReplicationMessage
  ) throws(ByteReader.Malformed) -> Reaction {
    switch message {
    case .hello(let hello):
      epoch = hello.epoch
      durable = hello.durable
      nextTransaction = hello.nextTransaction
      active = hello.active.map { TransactionID($0) }
      pending.removeAll()
      endings.removeAll()
      told = []
      return .reset
    case .records(let bytes):
      let last = try bytes.withUnsafeBufferPointer { buffer throws(ByteReader.Malformed) in
        try LogRecord.lastLSN(in: UnsafeRawBufferPointer(buffer))
      }
      pending.append((last, bytes))
      return .nothing
    case .began(let transaction):
      // Ids are given out in ascending order, so the list stays sorted.
      if transaction >= nextTransaction {
        active.append(TransactionID(transaction))
        nextTransaction = transaction + 1
      }
      return .nothing
    case .ended(let transaction, let lsn):
      endings.append((transaction, lsn))
      return .nothing
    case .durable(let point):
      return advance(to: point)
    case .status(let rows):
      told = rows
      return .nothing
    case .feedback, .locked:
      return .nothing
    }
  }

  /// The next mini-transactions to apply, one or more and whole; `nil` if what is durable has been applied.
  mutating func takeNext() -> [UInt8]? {
    guard !pending.isEmpty, pending[0].last <= durable.lsn else { return nil }
    return pending.removeFirst().bytes
  }

  private mutating func advance(to point: DurablePoint) -> Reaction {
    guard point.lsn >= durable.lsn else { return .nothing }
    durable = point
    paranoid(
      zip(active, active.dropFirst()).allSatisfy { $0 < $1 },
      "transactions in flight are out of order")
    while let first = endings.first, first.lsn <= point.lsn {
      if let index = active.firstIndex(of: TransactionID(first.transaction)) {
        active.remove(at: index)
      }
      endings.removeFirst()
    }
    return .advance
  }
}
