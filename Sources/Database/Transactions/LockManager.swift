import Simulation

/// Locks on rows and tables: one queue for each.
///
/// ```
///   lock ──▶ request ──▶ request ──▶ request          granted: conflicts with no granted one of others
///            T1 X ✓      T2 X …      T3 S …           waiting: in order of arrival
///
///   transaction ──▶ its requests, to be released together when it ends
/// ```
///
/// A request waits if it conflicts with a granted one. A request for a table also waits if it conflicts
/// with one that waits already: a DROP that waits for readers is not overtaken by new ones. A row lock
/// that fits those granted is had at once, whoever waits, as in PostgreSQL.
///
/// Who holds a lock already and wants a stronger mode does not queue behind those who wait for it.
///
/// A row that a transaction in progress has written is locked by it without a request; whoever wants
/// such a row enters the request on the holder's behalf first. A table that is locked weakly, and by
/// nobody strongly, has no request either: see ``TableHolds``.
///
/// Source: PostgreSQL, `storage/lmgr/README`.
final class LockManager {
  struct Request {
    var transaction: Transaction?
    var name: UInt64 = 0
    var mode = LockMode.forShare
    var isGranted = false
    /// Entered by somebody else, as the row is written by the transaction.
    var isImplicit = false
    /// Counts the requests of its transaction.
    var serial: UInt32 = 0
    /// The table that it is about; 0 if it is about a row or a name.
    var table: UInt32 = 0
    var next: Int32 = -1
    var nextOfTransaction: Int32 = -1
    var token: WaitToken?
    var isCancelled = false
  }

  enum Outcome {
    case granted
    /// The request waits, under this number.
    case waits(Int32)
    /// Two who hold the table want more than the other lets them have, told in PostgreSQL's words; nothing
    /// has been requested.
    case deadlock(String)
  }

  let process: Process
  var index = LockIndex()
  var requests: ContiguousArray<Request> = []
  var unused: [Int32] = []
  /// Requests for strong locks on tables, granted or not. As long as there are none, weak ones are noted with
  /// their transactions alone.
  var strongCount = 0
  /// Transactions that have locked tables without a request.
  var holders: ContiguousArray<Transaction> = []
  var visits: UInt64 = 0
  private let waits: Meter
  let deadlocks: Meter
  /// Is told when a table is locked in ACCESS EXCLUSIVE mode, and when it is free again.
  var onExclusive: ((_ table: UInt32, _ isLocked: Bool) -> Void)?

  init(process: Process) {
    self.process = process
    waits = process.meter(.lockWaits)
    deadlocks = process.meter(.deadlocks)
  }

  /// How many locks anybody has requested.
  var lockCount: Int { index.count }

  // MARK: Requesting

  /// Locks, or begins to wait.
  ///
  /// - Parameter table: whose lock `name` is; 0 if it is a row's, or a name's.
  func request(
    _ name: UInt64, _ mode: LockMode, for transaction: Transaction, table: UInt32 = 0
  ) -> Outcome {
    if mode.isStrong { gather(table) }
    let first = index.first(of: name)
    if first < 0 {
      add(name, mode, for: transaction, isGranted: true, table: table)
      return .granted
    }
    switch standing(first, mode, transaction) {
    case .covered: return .granted
    case .free:
      add(name, mode, for: transaction, isGranted: true, table: table)
      return .granted
    case .deadlock(let other):
      deadlocks += 1
      return .deadlock(mutualUpgrade(transaction, mode, table, with: other))
    case .blocked(let successor):
      let number = add(name, mode, for: transaction, isGranted: false, table: table)
      if successor >= 0 { move(number, before: successor) }
      transaction.waitingRequest = number
      waits += 1
      return .waits(number)
    }
  }

  /// As ``request(_:_:for:table:)``, but does not wait.
  func tryRequest(
    _ name: UInt64, _ mode: LockMode, for transaction: Transaction, table: UInt32 = 0
  ) -> Bool {
    if mode.isStrong { gather(table) }
    let first = index.first(of: name)
    if first >= 0 {
      switch standing(first, mode, transaction) {
      case .covered: return true
      case .blocked, .deadlock: return false
      case .free: break
      }
    }
    add(name, mode, for: transaction, isGranted: true, table: table)
    return true
  }

  /// Enters what `holder` has locked by having written it.
  func enterImplicit(_ name: UInt64, _ mode: LockMode, for holder: Transaction) {
    var number = index.first(of: name)
    while number >= 0 {
      let request = requests[Int(number)]
      if request.transaction === holder, request.isGranted, request.mode.covers(mode) { return }
      number = request.next
    }
    let entered = add(name, mode, for: holder, isGranted: true)
    requests[Int(entered)].isImplicit = true
  }

  /// Whether anybody but `transaction` has or wants the lock.
  func isContended(_ name: UInt64, besides transaction: Transaction?) -> Bool {
    var number = index.first(of: name)
    while number >= 0 {
      let request = requests[Int(number)]
      if request.transaction !== transaction { return true }
      number = request.next
    }
    return false
  }

  /// Those whom a request waits for, in the order of the queue.
  func blockers(of number: Int32) -> [Transaction] {
    var blockers: [Transaction] = []
    visitBlockers(of: number, first: index.first(of: requests[Int(number)].name)) { other in
      if let transaction = requests[Int(other)].transaction { blockers.append(transaction) }
    }
    return blockers
  }

  func isGranted(_ number: Int32) -> Bool { requests[Int(number)].isGranted }

  // MARK: Waiting

  /// Waits for a request to be granted.
  ///
  /// - Parameter timeout: how long it may wait; `nil` for as long as it takes.
  /// - Throws: ``StorageError/lockNotAvailable`` after the timeout, ``StorageError/cancelled`` if the
  ///   wait was cancelled, ``StorageError/deadlock(detail:)`` if after the transaction's deadlock timeout
  ///   those who wait are found to go round in a circle; the request is withdrawn then.
  func wait(for number: Int32, timeout: Interval?) async throws {
    guard let transaction = requests[Int(number)].transaction else { return }
    let deadline = timeout.map { process.now + $0 }
    let check = process.now + transaction.deadlockTimeout
    if deadline.map({ check < $0 }) ?? true {
      try await pause(number, until: check)
      if !requests[Int(number)].isGranted, !requests[Int(number)].isCancelled {
        if let detail = breakDeadlock(of: transaction) {
          withdraw(number)
          throw StorageError.deadlock(detail: detail)
        }
        if !requests[Int(number)].isGranted { try await pause(number, until: deadline) }
      }
    } else {
      try await pause(number, until: deadline)
    }
    if requests[Int(number)].isGranted { return }
    let wasCancelled = requests[Int(number)].isCancelled
    withdraw(number)
    throw wasCancelled ? StorageError.cancelled : StorageError.lockNotAvailable
  }

  /// Waits until a request is granted or cancelled, or the time has come.
  func pause(_ number: Int32, until deadline: Instant?) async throws(ProcessEnded) {
    if let deadline {
      let timer = try await process.suspend(until: deadline) { requests[Int(number)].token = $0 }
      process.simulation.loop.cancel(timer)
    } else {
      try await process.suspend { requests[Int(number)].token = $0 }
    }
    requests[Int(number)].token = nil
  }

  /// Ends the transaction's wait, if it waits, with ``StorageError/cancelled``.
  func cancelWait(of transaction: Transaction) {
    let number = transaction.waitingRequest
    guard number >= 0, let token = requests[Int(number)].token else { return }
    requests[Int(number)].isCancelled = true
    process.wake(token)
  }

  // MARK: Releasing

  func releaseAll(of transaction: Transaction) {
    if transaction.heldTables.count > 0 {
      transaction.heldTables.removeAll()
      forgetHolder(transaction)
    }
    var number = transaction.firstLock
    transaction.firstLock = -1
    while number >= 0 {
      let next = requests[Int(number)].nextOfTransaction
      let name = requests[Int(number)].name
      let isAlone = index.first(of: name) == number && requests[Int(number)].next < 0
      if isAlone {
        index.remove(name)
        recycle(number)
      } else {
        unlink(number)
        recycle(number)
        grant(name)
      }
      number = next
    }
  }

  /// Releases what a transaction has locked since a savepoint to which it has been rolled back.
  ///
  /// - Parameters:
  ///   - serial: how many requests it had made at the savepoint.
  ///   - names: rows that it had written since; what others entered for it goes only for these, as it
  ///     may have written other rows before.
  func release(
    of transaction: Transaction, after serial: UInt32, noLongerWritten names: [UInt64]
  ) {
    if transaction.heldTables.count > 0 {
      transaction.heldTables.remove(after: serial)
      if transaction.heldTables.count == 0 { forgetHolder(transaction) }
    }
    release(of: transaction, after: serial) { !$0.isImplicit || names.contains($0.name) }
  }

  /// Releases one table that a transaction has locked since it counted `serial`.
  func release(table: UInt32, of transaction: Transaction, after serial: UInt32) {
    if transaction.heldTables.count > 0 {
      transaction.heldTables.remove(table, after: serial)
      if transaction.heldTables.count == 0 { forgetHolder(transaction) }
    }
    release(of: transaction, after: serial) { $0.table == table }
  }

  /// Releases one row that a transaction has locked since it counted `serial`, unless it has written it.
  func release(_ name: UInt64, of transaction: Transaction, after serial: UInt32) {
    release(of: transaction, after: serial) { $0.name == name && !$0.isImplicit }
  }

  private func release(
    of transaction: Transaction, after serial: UInt32, where isReleased: (Request) -> Bool
  ) {
    var released: [Int32] = []
    var kept: Int32 = -1
    var number = transaction.firstLock
    while number >= 0, requests[Int(number)].serial > serial {
      let request = requests[Int(number)]
      if isReleased(request) {
        released.append(number)
        if kept < 0 {
          transaction.firstLock = request.nextOfTransaction
        } else {
          requests[Int(kept)].nextOfTransaction = request.nextOfTransaction
        }
      } else {
        kept = number
      }
      number = request.nextOfTransaction
    }
    for number in released {
      let name = requests[Int(number)].name
      unlink(number)
      recycle(number)
      grant(name)
    }
  }

  /// Takes back what others entered for a transaction beyond how it has written a row.
  func weaken(_ name: UInt64, of transaction: Transaction, to mode: LockMode) {
    var number = index.first(of: name)
    while number >= 0 {
      let request = requests[Int(number)]
      if request.transaction === transaction, request.isImplicit, request.mode != mode {
        requests[Int(number)].mode = mode
        return grant(name)
      }
      number = request.next
    }
  }

  /// Takes back a request that waits.
  func withdraw(_ number: Int32) {
    guard let transaction = requests[Int(number)].transaction else { return }
    let name = requests[Int(number)].name
    transaction.waitingRequest = -1
    if transaction.firstLock == number {
      transaction.firstLock = requests[Int(number)].nextOfTransaction
    } else {
      var previous = transaction.firstLock
      while previous >= 0, requests[Int(previous)].nextOfTransaction != number {
        previous = requests[Int(previous)].nextOfTransaction
      }
      if previous >= 0 {
        requests[Int(previous)].nextOfTransaction = requests[Int(number)].nextOfTransaction
      }
    }
    unlink(number)
    recycle(number)
    grant(name)
  }

  /// Grants what can be granted now, in order.
  func grant(_ name: UInt64) {
    let first = index.first(of: name)
    var number = first
    while number >= 0 {
      let request = requests[Int(number)]
      if !request.isGranted, let transaction = request.transaction,
        !isBlocked(number, first: first) || process.has(DatabaseDefect.grantsBesideOthers)
      {
        requests[Int(number)].isGranted = true
        paranoid(
          !isBlocked(number, first: index.first(of: name)),
          "a lock is granted beside one that conflicts")
        requests[Int(number)].token = nil
        transaction.waitingRequest = -1
        noteExclusive(number, isLocked: true)
        if let token = request.token { process.wake(token) }
      }
      number = request.next
    }
  }

  func noteExclusive(_ number: Int32, isLocked: Bool) {
    if requests[Int(number)].mode == .accessExclusive {
      onExclusive?(requests[Int(number)].table, isLocked)
    }
  }
}
