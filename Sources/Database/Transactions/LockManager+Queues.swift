import Simulation

// The queue of a lock: who is in it, who waits for whom, and where a new request goes.

extension LockManager {
  /// How a request would stand to those in a queue.
  enum Standing {
    case covered
    case free
    /// It has to wait in front of this request; behind all if that is -1.
    case blocked(before: Int32)
    /// It would wait for somebody who waits for it.
    case deadlock(Transaction)
  }

  func standing(
    _ first: Int32, _ mode: LockMode, _ transaction: Transaction
  ) -> Standing {
    var (held, granted, waiting): (UInt16, UInt16, UInt16) = (0, 0, 0)
    var number = first
    while number >= 0 {
      let other = requests[Int(number)]
      if other.transaction === transaction {
        if other.isGranted {
          if other.mode.covers(mode) { return .covered }
          held |= other.mode.bit
        }
      } else if other.isGranted {
        granted |= other.mode.bit
      } else {
        waiting |= other.mode.bit
      }
      number = other.next
    }
    let isFree = granted & mode.conflicts == 0
    if isFree, mode.isOfRow || waiting & mode.conflicts == 0 { return .free }
    return held == 0 ? .blocked(before: -1) : upgrade(first, mode, held, isFree, transaction)
  }

  /// The place of one who holds the lock in modes `held` and wants another that is not free: in front of
  /// the first who waits for it.
  ///
  /// - Parameter isFree: whether none of those granted to others conflicts with the mode.
  private func upgrade(
    _ first: Int32, _ mode: LockMode, _ held: UInt16, _ isFree: Bool, _ transaction: Transaction
  ) -> Standing {
    var ahead: UInt16 = 0
    var number = first
    while number >= 0 {
      let other = requests[Int(number)]
      if !other.isGranted, other.mode.conflicts & held != 0, let waiter = other.transaction {
        if !mode.isOfRow, self.held(by: waiter, first) & mode.conflicts != 0 {
          return .deadlock(waiter)
        }
        return isFree && ahead & mode.conflicts == 0 ? .free : .blocked(before: number)
      }
      if !other.isGranted { ahead |= other.mode.bit }
      number = other.next
    }
    return .blocked(before: -1)
  }

  /// The modes in which a transaction has a lock.
  private func held(by transaction: Transaction, _ first: Int32) -> UInt16 {
    var held: UInt16 = 0
    var number = first
    while number >= 0 {
      let other = requests[Int(number)]
      if other.transaction === transaction, other.isGranted { held |= other.mode.bit }
      number = other.next
    }
    return held
  }

  func isBlocked(_ number: Int32, first: Int32) -> Bool {
    var isBlocked = false
    visitBlockers(of: number, first: first) { _ in isBlocked = true }
    return isBlocked
  }

  /// Visits the requests for which one waits: granted ones that conflict, and waiting ones in front.
  func visitBlockers(of number: Int32, first: Int32, _ visit: (Int32) -> Void) {
    let request = requests[Int(number)]
    var other = first
    var isInFront = true
    while other >= 0 {
      if other == number { isInFront = false }
      let candidate = requests[Int(other)]
      if candidate.transaction !== request.transaction,
        candidate.mode.conflicts(with: request.mode), candidate.isGranted || isInFront
      {
        visit(other)
      }
      other = candidate.next
    }
  }

  @discardableResult
  func add(
    _ name: UInt64, _ mode: LockMode, for transaction: Transaction, isGranted: Bool,
    table: UInt32 = 0
  ) -> Int32 {
    let number: Int32
    if let reused = unused.popLast() {
      number = reused
    } else {
      number = Int32(requests.count)
      requests.append(Request())
    }
    transaction.lockSerial += 1
    requests[Int(number)] = Request(
      transaction: transaction, name: name, mode: mode, isGranted: isGranted,
      serial: transaction.lockSerial, table: table, nextOfTransaction: transaction.firstLock)
    transaction.firstLock = number
    link(number, before: -1)
    if mode.isStrong {
      strongCount += 1
      if isGranted { noteExclusive(number, isLocked: true) }
    }
    return number
  }

  /// Puts a request into its queue.
  ///
  /// - Parameter successor: which it stands in front of; -1 to stand behind all.
  private func link(_ number: Int32, before successor: Int32) {
    let name = requests[Int(number)].name
    requests[Int(number)].next = successor
    let first = index.first(of: name)
    if first == successor { return index.set(number, for: name) }
    var previous = first
    while requests[Int(previous)].next != successor { previous = requests[Int(previous)].next }
    requests[Int(previous)].next = number
  }

  /// Changes the place of a request in its queue.
  func move(_ number: Int32, before successor: Int32) {
    unlink(number)
    link(number, before: successor)
  }

  func unlink(_ number: Int32) {
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

  func recycle(_ number: Int32) {
    if requests[Int(number)].mode.isStrong {
      strongCount -= 1
      if requests[Int(number)].isGranted { noteExclusive(number, isLocked: false) }
    }
    requests[Int(number)].transaction = nil
    requests[Int(number)].token = nil
    unused.append(number)
  }
}
