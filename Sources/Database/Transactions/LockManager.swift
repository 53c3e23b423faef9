import Simulation

/// Locks on rows and tables: one queue for each, first come, first served.
///
/// ```
///   lock ──▶ request ──▶ request ──▶ request          granted: conflicts with no granted one of others
///            T1 X ✓      T2 X …      T3 S …           waiting: in order of arrival
///
///   transaction ──▶ its requests, to be released together when it ends
/// ```
///
/// A request waits if it conflicts with a granted one or with one that waits in front of it. Who
/// holds a lock already and wants a stronger mode is not held up by those who wait for him. Before a
/// request begins to wait, the graph of who waits for whom is searched; the one that would close a
/// cycle is refused.
///
/// A row that a transaction in progress has written is locked by it without a request; whoever wants
/// such a row enters the request on the holder's behalf first.
final class LockManager {
  private struct Request {
    var transaction: Transaction?
    var name: UInt64 = 0
    var mode = LockMode.rowShare
    var isGranted = false
    /// Entered by somebody else, as the row is written by the transaction.
    var isImplicit = false
    /// Counts the requests of its transaction.
    var serial: UInt32 = 0
    var next: Int32 = -1
    var nextOfTransaction: Int32 = -1
    var token: WaitToken?
    var isCancelled = false
  }

  enum Outcome {
    case granted
    /// The request waits, under this number.
    case waits(Int32)
    /// To wait would close a cycle, told in PostgreSQL's words; nothing has been requested.
    case deadlock(String)
  }

  private let process: Process
  private var index = LockIndex()
  private var requests: ContiguousArray<Request> = []
  private var unused: [Int32] = []
  private var visits: UInt64 = 0
  /// Requests that had to wait so far, and those that were refused because of a deadlock.
  private(set) var waitCount: UInt64 = 0
  private(set) var deadlockCount: UInt64 = 0

  init(process: Process) { self.process = process }

  /// How many locks anybody holds or waits for.
  var lockCount: Int { index.count }

  // MARK: Requesting

  /// Locks, or begins to wait.
  func request(_ name: UInt64, _ mode: LockMode, for transaction: Transaction) -> Outcome {
    let first = index.first(of: name)
    if first < 0 {
      add(name, mode, for: transaction, isGranted: true)
      return .granted
    }
    switch standing(first, mode, transaction) {
    case .covered: return .granted
    case .free:
      add(name, mode, for: transaction, isGranted: true)
      return .granted
    case .blocked(let isUpgrade):
      let number = add(name, mode, for: transaction, isGranted: false, inFront: isUpgrade)
      transaction.waitingRequest = number
      if let cycle = cycle(from: transaction) {
        deadlockCount += 1
        withdraw(number)
        return .deadlock(cycle)
      }
      waitCount += 1
      return .waits(number)
    }
  }

  /// As ``request(_:_:for:)``, but does not wait.
  func tryRequest(_ name: UInt64, _ mode: LockMode, for transaction: Transaction) -> Bool {
    let first = index.first(of: name)
    if first >= 0 {
      switch standing(first, mode, transaction) {
      case .covered: return true
      case .blocked: return false
      case .free: break
      }
    }
    add(name, mode, for: transaction, isGranted: true)
    return true
  }

  /// Enters what `holder` has locked by having written it.
  func enterImplicit(_ name: UInt64, for holder: Transaction) {
    var number = index.first(of: name)
    while number >= 0 {
      let request = requests[Int(number)]
      if request.transaction === holder, request.isGranted, request.mode == .rowExclusive { return }
      number = request.next
    }
    let entered = add(name, .rowExclusive, for: holder, isGranted: true)
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

  /// Waits for a request to be granted.
  ///
  /// - Throws: ``StorageError/lockNotAvailable`` after the deadline, ``StorageError/cancelled`` if the
  ///   wait was cancelled; the request is withdrawn then.
  func wait(for number: Int32, until deadline: Instant?) async throws {
    if let deadline {
      let timer = try await process.suspend(until: deadline) { requests[Int(number)].token = $0 }
      process.simulation.loop.cancel(timer)
    } else {
      try await process.suspend { requests[Int(number)].token = $0 }
    }
    if requests[Int(number)].isGranted { return }
    let wasCancelled = requests[Int(number)].isCancelled
    withdraw(number)
    throw wasCancelled ? StorageError.cancelled : StorageError.lockNotAvailable
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

  /// Releases the rows that a transaction has locked since a savepoint to which it has been rolled back.
  ///
  /// Locks on tables stay until it ends.
  ///
  /// - Parameters:
  ///   - serial: how many requests it had made at the savepoint.
  ///   - names: rows that it had written since; what others entered for it goes only for these, as it
  ///     may have written other rows before.
  func releaseRows(
    of transaction: Transaction, after serial: UInt32, noLongerWritten names: [UInt64]
  ) {
    var released: [Int32] = []
    var kept: Int32 = -1
    var number = transaction.firstLock
    while number >= 0, requests[Int(number)].serial > serial {
      let request = requests[Int(number)]
      let isRow = request.mode == .rowShare || request.mode == .rowExclusive
      if isRow, !request.isImplicit || names.contains(request.name) {
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

  /// Takes back a request that waits.
  private func withdraw(_ number: Int32) {
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
  private func grant(_ name: UInt64) {
    let first = index.first(of: name)
    var number = first
    while number >= 0 {
      let request = requests[Int(number)]
      if !request.isGranted, let transaction = request.transaction,
        !isBlocked(number, first: first)
      {
        requests[Int(number)].isGranted = true
        requests[Int(number)].token = nil
        transaction.waitingRequest = -1
        if let token = request.token { process.wake(token) }
      }
      number = request.next
    }
  }

  // MARK: Queues

  private enum Standing {
    case covered
    case free
    case blocked(isUpgrade: Bool)
  }

  private func standing(
    _ first: Int32, _ mode: LockMode, _ transaction: Transaction
  ) -> Standing {
    var holdsOne = false
    var meetsGranted = false
    var meetsWaiting = false
    var number = first
    while number >= 0 {
      let other = requests[Int(number)]
      if other.transaction === transaction {
        if other.isGranted {
          if other.mode.covers(mode) { return .covered }
          holdsOne = true
        }
      } else if other.mode.conflicts(with: mode) {
        if other.isGranted { meetsGranted = true } else { meetsWaiting = true }
      }
      number = other.next
    }
    if meetsGranted || (meetsWaiting && !holdsOne) { return .blocked(isUpgrade: holdsOne) }
    return .free
  }

  private func isBlocked(_ number: Int32, first: Int32) -> Bool {
    var isBlocked = false
    visitBlockers(of: number, first: first) { _ in isBlocked = true }
    return isBlocked
  }

  /// Visits those for whom a request waits: granted ones that conflict, and waiting ones in front.
  private func visitBlockers(of number: Int32, first: Int32, _ visit: (Transaction) -> Void) {
    let request = requests[Int(number)]
    var other = first
    var isInFront = true
    while other >= 0 {
      if other == number { isInFront = false }
      let candidate = requests[Int(other)]
      if let transaction = candidate.transaction, transaction !== request.transaction,
        candidate.mode.conflicts(with: request.mode), candidate.isGranted || isInFront
      {
        visit(transaction)
      }
      other = candidate.next
    }
  }

  @discardableResult
  private func add(
    _ name: UInt64, _ mode: LockMode, for transaction: Transaction, isGranted: Bool,
    inFront: Bool = false
  ) -> Int32 {
    let number: Int32
    if let reused = unused.popLast() {
      number = reused
    } else {
      number = Int32(requests.count)
      requests.append(Request())
    }
    let first = index.first(of: name)
    transaction.lockSerial += 1
    requests[Int(number)] = Request(
      transaction: transaction, name: name, mode: mode, isGranted: isGranted,
      serial: transaction.lockSerial, next: inFront ? first : -1,
      nextOfTransaction: transaction.firstLock)
    transaction.firstLock = number
    if first < 0 || inFront {
      index.set(number, for: name)
    } else {
      var last = first
      while requests[Int(last)].next >= 0 { last = requests[Int(last)].next }
      requests[Int(last)].next = number
    }
    return number
  }

  private func unlink(_ number: Int32) {
    let (name, next) = (requests[Int(number)].name, requests[Int(number)].next)
    let first = index.first(of: name)
    if first == number {
      if next < 0 { index.remove(name) } else { index.set(next, for: name) }
      return
    }
    var previous = first
    while requests[Int(previous)].next != number { previous = requests[Int(previous)].next }
    requests[Int(previous)].next = next
  }

  private func recycle(_ number: Int32) {
    requests[Int(number)].transaction = nil
    requests[Int(number)].token = nil
    unused.append(number)
  }

  // MARK: Deadlocks

  /// A cycle that goes through `start`, which has just begun to wait; told in PostgreSQL's words.
  private func cycle(from start: Transaction) -> String? {
    visits += 1
    var chain: [(waiter: Transaction, blocker: Transaction)] = []
    guard search(start, for: start, &chain) else { return nil }
    return chain.reversed().map { waiter, blocker in
      "Process \(waiter.processID) waits for \(description(of: waiter, blocker)); "
        + "blocked by process \(blocker.processID)."
    }.joined(separator: "\n")
  }

  /// - Parameter chain: receives the cycle, backwards.
  private func search(
    _ waiter: Transaction, for start: Transaction,
    _ chain: inout [(waiter: Transaction, blocker: Transaction)]
  ) -> Bool {
    let number = waiter.waitingRequest
    guard number >= 0 else { return false }
    waiter.visitMark = visits
    var blockers: [Transaction] = []
    visitBlockers(of: number, first: index.first(of: requests[Int(number)].name)) {
      blockers.append($0)
    }
    for blocker in blockers {
      if blocker === start
        || (blocker.visitMark != visits && search(blocker, for: start, &chain))
      {
        chain.append((waiter, blocker))
        return true
      }
    }
    return false
  }

  private func description(of waiter: Transaction, _ blocker: Transaction) -> String {
    let mode = requests[Int(waiter.waitingRequest)].mode
    switch mode {
    case .rowShare, .rowExclusive:
      return "ShareLock on transaction \(blocker.id ?? .none)"
    case .tableRead: return "AccessShareLock on relation"
    case .tableWrite: return "RowExclusiveLock on relation"
    case .tableShare: return "ShareLock on relation"
    case .tableExclusive: return "AccessExclusiveLock on relation"
    }
  }
}
