public import Simulation
public import Volume

/// The storage engine of one instance: tables, transactions and versions over the pages of a volume.
///
/// ```
///   executor ──▶ StorageEngine ─┬─ Catalog          which tables there are
///                               ├─ TransactionTable, ReadView    who sees what
///                               ├─ LockManager      who waits for whom
///                               ├─ BTree, UndoLog   rows, and the versions before them
///                               └─ PageSpace ─┬─ BufferPool ──▶ pages read from the volume
///                                             └─ PageEditor ──▶ mini-transactions to its log
/// ```
///
/// On a writer it changes pages and appends what it did to the log. On a reader it only applies what
/// the writer did, and reads as of the VDL that came with the log.
///
/// One instance is one thread: what happens between two awaits is atomic, so there are no latches.
/// CPU time is charged by the caller, but for what no statement does row by row: taking back, and purging.
public final class StorageEngine {
  let process: Process
  let costs = CostModel()
  let store: (any WritableVolume)?
  let pool: BufferPool
  let space: PageSpace
  let undo: UndoLog
  let transactions: TransactionTable
  let locks: LockManager
  let versions: VersionReader
  let catalog: Catalog
  var purgeQueue = PurgeQueue()
  /// Transactions that a crash interrupted, and that have not been rolled back yet.
  private(set) var interrupted: [Transaction] = []
  /// What a reader shows; `nil` on a writer.
  var replica: ReplicaView? {
    didSet { shown?.readPoint = replica?.readPoint ?? .zero }
  }
  /// Where a reader's pool learns the read point; `nil` on a writer.
  private var shown: ShownPoint?

  /// Is told when a transaction gets its identifier.
  public var onTransactionBegan: ((TransactionID) -> Void)? {
    get { transactions.onBegan }
    set { transactions.onBegan = newValue }
  }
  /// Is told when the record that ends a transaction is in the log.
  public var onTransactionEnded: ((TransactionID, LSN) -> Void)?
  /// Is told when a table is locked in ACCESS EXCLUSIVE mode, and when it is free again.
  var onTableLocked: ((_ table: UInt32, _ isLocked: Bool) -> Void)? {
    get { locks.onExclusive }
    set { locks.onExclusive = newValue }
  }
  /// Called with the LSN of each commit when its record has been appended.
  var onCommitMarked: ((LSN) -> Void)?
  /// Some reader may have to see the past of this transaction and later ones; `nil` if there is no reader.
  public var oldestReaderTransaction: TransactionID?

  struct ReplicaView {
    var readPoint: LSN
    var snapshot: Snapshot
    var catalogVersion: UInt64
  }

  /// The read point alone: a pool that knew its engine, even weakly, would make each retain of that slower.
  private final class ShownPoint {
    var readPoint = LSN.zero
  }

  private init(
    process: Process, source: any ReadableVolume, store: (any WritableVolume)?, poolCapacity: Int,
    readPoint: @escaping () -> LSN
  ) {
    self.process = process
    self.store = store
    pool = BufferPool(
      process: process, source: source, capacity: poolCapacity, readPoint: readPoint)
    space = PageSpace(pool: pool, editor: PageEditor(store: store))
    undo = UndoLog(space: space)
    transactions = TransactionTable(space: space)
    locks = LockManager(process: process)
    versions = VersionReader(undo: undo)
    catalog = Catalog(space: space)
  }

  public var isReader: Bool { store == nil }

  // MARK: Opening

  /// Opens a volume to write: formats one that was never opened, and takes over the transactions that
  /// a crash interrupted. Those are rolled back by ``rollBackInterrupted()`` while new work goes on.
  ///
  /// - Parameter poolCapacity: of the buffer pool, in pages.
  /// - Throws: ``StorageError/unknownFormat``, or what the store throws.
  public static func open(
    process: Process, store: any WritableVolume, poolCapacity: Int
  ) async throws -> StorageEngine {
    let engine = StorageEngine(
      process: process, source: store, store: store, poolCapacity: poolCapacity,
      readPoint: { [unowned store] in store.volumeDurableLSN })
    let meta = MetaPage(try await engine.pool.fetch(.meta))
    engine.pool.pin(meta.frame)
    if meta.frame.lsn == .zero {
      try await store.waitUntilDurable(engine.bootstrap(meta.frame))
    }
    guard meta.isFormatted, meta.format == MetaPage.format else {
      throw StorageError.unknownFormat
    }
    engine.interrupted = try await engine.transactions.open()
    engine.catalog.changerCount = engine.interrupted.count
    engine.purgeQueue.adopt(engine.transactions)
    engine.wakePurge()
    return engine
  }

  /// Opens a volume to read, as of a point of the log and with the transactions that had ended there.
  ///
  /// - Parameters:
  ///   - source: answers reads at any point that the engine has been advanced to.
  ///   - snapshot: which transactions had ended at `readPoint`.
  public static func openReader(
    process: Process, source: any ReadableVolume, poolCapacity: Int, at readPoint: LSN,
    snapshot: Snapshot
  ) -> StorageEngine {
    let shown = ShownPoint()
    let engine = StorageEngine(
      process: process, source: source, store: nil, poolCapacity: poolCapacity,
      readPoint: { shown.readPoint })
    engine.shown = shown
    engine.replica = ReplicaView(readPoint: readPoint, snapshot: snapshot, catalogVersion: .max)
    return engine
  }

  /// Gives a new volume its first pages, in one mini-transaction.
  private func bootstrap(_ meta: Frame) -> LSN {
    let editor = space.editor
    let segment = PageNumber(2)
    editor.write(PageKind.meta.rawValue, at: PageOffset.kind, of: meta)
    editor.write(MetaPage.magic, at: MetaPage.Offset.magic, of: meta)
    editor.write(MetaPage.format, at: MetaPage.Offset.format, of: meta)
    editor.write(UInt32(3), at: MetaPage.Offset.pageCount, of: meta)
    editor.write(UInt64(1), at: MetaPage.Offset.transactionLimit, of: meta)
    editor.write(UInt64(1), at: MetaPage.Offset.rowLimit, of: meta)
    editor.write(Catalog.firstObject, at: MetaPage.Offset.nextObject, of: meta)
    editor.write(segment.value, at: MetaPage.Offset.rollbackSegment, of: meta)
    BTree.format(pool.blank(Catalog.root), owner: Catalog.tableID, with: editor)
    RollbackSegment.format(pool.blank(segment), with: editor)
    return editor.finish()
  }

  func forgetInterrupted(_ transaction: Transaction) {
    interrupted.removeAll { $0 === transaction }
  }

  // MARK: Measuring and sizing

  /// The size of the buffer pool in pages; shrinking takes effect as pages are asked for.
  public var poolCapacity: Int {
    get { pool.capacity }
    set { pool.capacity = max(1, newValue) }
  }

  /// No page is being read, or will be, as of an older LSN than this.
  public var oldestReadPoint: LSN { pool.oldestReadPoint }
  /// Transactions that have written and not ended.
  public var activeTransactionCount: Int { transactions.activeIDs.count }
  /// Committed transactions whose undo is kept: the length of the history list.
  public var historyLength: Int { purgeQueue.count }
}
