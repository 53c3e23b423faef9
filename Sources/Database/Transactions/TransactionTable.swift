import DequeModule
import Simulation
import Volume

/// The transactions in progress: in memory, and in the rollback segment's slots.
///
/// ```
///   begin ──▶ first write: identifier, slot ──▶ undo, undo, … ──▶ commit: slot idle  (one record)
///                                                     │                │
///                                                     │        VDL ≥ its LSN: complete,
///                                                     │        others may see it
///                                                     └──▶ rollback: undo backwards, slot idle
/// ```
///
/// A transaction whose commit is not durable still counts as in progress: nobody must see what a crash
/// could yet take back.
final class TransactionTable {
  private static let step: UInt64 = 1024

  private let space: PageSpace
  /// Those with an identifier, in ascending order; what a snapshot copies.
  private(set) var activeIDs: [TransactionID] = []
  private var active: [Transaction] = []
  /// Those that were rolled back by records that may not be durable yet, in the order of these.
  private var rolledBack = Deque<(id: TransactionID, lsn: LSN)>()
  private(set) var nextID = TransactionID(1)
  /// Is told of each transaction that gets an identifier, before it changes anything.
  var onBegan: ((TransactionID) -> Void)?
  /// The volume promises that no identifier from here on has been used.
  private var limit = TransactionID(1)
  private var nextRow: UInt64 = 1
  private var rowLimit: UInt64 = 1
  private(set) var slots: [RollbackSlot] = []
  private var idleSlots: [Int] = []
  let horizons = HorizonRegistry()

  init(space: PageSpace) { self.space = space }

  // MARK: Opening

  /// Reads counters and slots, and takes over the transactions that were in progress.
  ///
  /// - Returns: those, to be rolled back.
  func open() async throws -> [Transaction] {
    var segment = try await space.pool.withPages { () throws(PageMiss) in
      let meta = try space.meta()
      nextID = TransactionID(meta.transactionLimit)
      limit = nextID
      nextRow = meta.rowLimit
      rowLimit = nextRow
      return meta.rollbackSegment
    }
    var interrupted: [Transaction] = []
    while segment != .none {
      let page = segment
      let next = try await space.pool.withPages { () throws(PageMiss) in
        let frame = try space.frame(of: page)
        space.pool.pin(frame)
        for _ in 0..<RollbackSegment.slotsPerPage {
          if let transaction = adoptSlot(in: frame) { interrupted.append(transaction) }
        }
        return frame.right
      }
      segment = next
    }
    for slot in slots where slot.tail != .none {
      try await space.pool.withPages { () throws(PageMiss) in
        slot.tailEnd = UndoPage(try space.frame(of: slot.tail)).end
      }
    }
    for transaction in interrupted {
      try await space.pool.withPages { () throws(PageMiss) in try resume(transaction) }
    }
    for transaction in interrupted.sorted(by: Self.isOlder) { enter(transaction) }
    idleSlots.reverse()
    return interrupted
  }

  private func adoptSlot(in segment: Frame) -> Transaction? {
    let index = slots.count
    let base =
      PageOffset.body + index % RollbackSegment.slotsPerPage * RollbackSegment.slotSize
    let slot = RollbackSlot(
      index: index, segment: segment.page,
      head: PageNumber(segment.load(UInt32.self, at: base + RollbackSegment.Offset.head)),
      tail: PageNumber(segment.load(UInt32.self, at: base + RollbackSegment.Offset.tail)))
    slots.append(slot)
    guard
      segment.load(UInt8.self, at: base + RollbackSegment.Offset.state) == RollbackSegment.active
    else {
      idleSlots.append(index)
      return nil
    }
    let transaction = Transaction(isolation: .readCommitted, processID: 0)
    transaction.id = TransactionID(segment.load(UInt64.self, at: base))
    transaction.slot = slot
    transaction.isMarked = true
    return transaction
  }

  /// Finds out how far an interrupted transaction had come.
  private func resume(_ transaction: Transaction) throws(PageMiss) {
    guard let slot = transaction.slot, slot.tail != .none else { return }
    let page = UndoPage(try space.frame(of: slot.tail))
    if page.isEmpty { return }
    let record = UndoRecord(frame: page.frame, offset: page.lastRecord)
    guard record.transaction == transaction.id else { return }
    transaction.undoCount = record.number + 1
    transaction.lastUndo = UndoPointer(
      page: page.frame.page, offset: record.offset, isInsert: record.kind == .insert)
  }

  private static func isOlder(_ lhs: Transaction, _ rhs: Transaction) -> Bool {
    (lhs.id ?? .none) < (rhs.id ?? .none)
  }

  // MARK: Beginning to write

  /// Gives the transaction an identifier and a slot, if it has none.
  ///
  /// What that takes from the volume are mini-transactions of their own.
  @inline(__always)
  func beginWriting(_ transaction: Transaction) throws(PageMiss) {
    if transaction.id == nil { try assign(transaction) }
  }

  private func assign(_ transaction: Transaction) throws(PageMiss) {
    try reserveIdentifiers()
    if idleSlots.isEmpty { try addSegment() }
    let slot = slots[idleSlots.removeLast()]
    transaction.slot = slot
    transaction.id = nextID
    nextID.value += 1
    enter(transaction)
  }

  /// A number that no transaction and no other call has been given.
  func takeSerial() -> UInt64 {
    defer { nextID.value += 1 }
    return nextID.value
  }

  /// Moves the limit ahead before it is reached: by this identifier, or by the serial numbers of those
  /// in progress, which are drawn where no page may be missed.
  private func reserveIdentifiers() throws(PageMiss) {
    if nextID.value + UInt64(active.count) + 2 < limit.value { return }
    let meta = try space.meta()
    limit = TransactionID(nextID.value + UInt64(active.count) + Self.step)
    space.editor.write(limit.value, at: MetaPage.Offset.transactionLimit, of: meta.frame)
    space.editor.finish()
  }

  /// A number for a row of a table without a primary key.
  func takeRowNumber() throws(PageMiss) -> UInt64 {
    if nextRow >= rowLimit {
      let meta = try space.meta()
      rowLimit = nextRow + Self.step
      space.editor.write(rowLimit, at: MetaPage.Offset.rowLimit, of: meta.frame)
      space.editor.finish()
    }
    defer { nextRow += 1 }
    return nextRow
  }

  /// Adds a page of slots, at the end of the chain.
  private func addSegment() throws(PageMiss) {
    guard let last = slots.last else { preconditionFailure("the volume has no rollback segment") }
    let previous = try space.frame(of: last.segment)
    _ = try space.meta()
    try space.reserve(1)
    let frame = space.take(1)[0]
    RollbackSegment.format(frame, with: space.editor)
    space.editor.write(frame.page.value, at: PageOffset.right, of: previous)
    space.editor.finish()
    space.pool.pin(frame)
    for _ in 0..<RollbackSegment.slotsPerPage { _ = adoptSlot(in: frame) }
  }

  private func enter(_ transaction: Transaction) {
    guard let id = transaction.id else { return }
    precondition(activeIDs.last.map { $0 < id } ?? true, "transaction \(id) began out of order")
    activeIDs.append(id)
    active.append(transaction)
    onBegan?(id)
  }

  // MARK: Ending

  /// Writes into the slot that its transaction is over.
  ///
  /// - Precondition: pages of slots are pinned.
  func markIdle(_ transaction: Transaction) {
    guard let slot = transaction.slot, let segment = space.pool.resident(slot.segment) else {
      preconditionFailure("the slot's page was pinned")
    }
    space.editor.write(
      RollbackSegment.idle, at: slot.offset + RollbackSegment.Offset.state, of: segment)
    transaction.isMarked = false
  }

  /// Takes the transaction out of those in progress: what it committed can be seen from now on.
  ///
  /// - Parameter vdl: what is durable now. If the record that ended the transaction is not, readers, whose
  ///   pages are as of the VDL, still have to take it for one in progress.
  func remove(_ transaction: Transaction, durableLSN vdl: LSN) {
    guard let id = transaction.id else { return }
    while let first = rolledBack.first, first.lsn <= vdl { rolledBack.removeFirst() }
    if let lsn = transaction.endLSN, lsn > vdl { rolledBack.append((id, lsn)) }
    let index = Snapshot.firstIndex(notLessThan: id, in: activeIDs)
    precondition(index < activeIDs.count && activeIDs[index] == id, "\(id) is not in progress")
    activeIDs.remove(at: index)
    active.remove(at: index)
    paranoid(
      activeIDs == active.compactMap(\.id) && !active.contains { $0 === transaction },
      "the list of transactions in progress is out of step")
    if let slot = transaction.slot { idleSlots.append(slot.index) }
    transaction.slot = nil
  }

  // MARK: Looking

  /// The transaction in progress of this identifier.
  func transaction(_ id: TransactionID) -> Transaction? {
    guard let first = activeIDs.first, id >= first else { return nil }
    let index = Snapshot.firstIndex(notLessThan: id, in: activeIDs)
    return index < activeIDs.count && activeIDs[index] == id ? active[index] : nil
  }

  func isActive(_ id: TransactionID) -> Bool {
    guard let first = activeIDs.first, id >= first else { return false }
    return Snapshot.contains(activeIDs, id)
  }

  /// Whether the slot belongs to a transaction in progress.
  func isInterrupted(_ slot: RollbackSlot) -> Bool { active.contains { $0.slot === slot } }

  func snapshot() -> Snapshot {
    Snapshot(high: nextID, active: activeIDs, horizon: nextID.value)
  }

  /// The transactions in progress as a reader whose pages are as of `vdl` must see them: those that ended
  /// with a record above it have not ended there.
  func activeIDs(asOf vdl: LSN) -> [TransactionID] {
    let open = active.filter { $0.endLSN.map { $0 > vdl } ?? true }.compactMap(\.id)
    let late = rolledBack.filter { $0.lsn > vdl }.map(\.id)
    return late.isEmpty ? open : (open + late).sorted()
  }
}
