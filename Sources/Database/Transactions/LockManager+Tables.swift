/// Locks on tables that are not contended: kept by those who have them, see ``TableHolds``.
extension LockManager {
  /// The name of a table's lock.
  static func name(ofTable table: UInt32) -> UInt64 {
    KeyOrder.hash(UnsafeRawBufferPointer(start: nil, count: 0), of: ~table)
  }

  /// Locks a table if that takes no more than a note with the transaction, or nothing at all.
  @inline(__always)
  func tryHold(_ table: UInt32, _ mode: LockMode, for transaction: Transaction) -> Bool {
    if transaction.heldTables.covers(table, mode) { return true }
    guard strongCount == 0, mode.isWeak, !transaction.heldTables.isFull else { return false }
    if transaction.heldTables.count == 0 {
      transaction.holderIndex = holders.count
      holders.append(transaction)
    }
    transaction.lockSerial += 1
    transaction.heldTables.append(table, mode, serial: transaction.lockSerial)
    return true
  }

  /// Enters the requests of those who have locked a table without one.
  func gather(_ table: UInt32) {
    // Backwards, as those who have no more such tables make room for the last one.
    for place in holders.indices.reversed() {
      let holder = holders[place]
      holder.heldTables.remove(table) { mode, serial in
        enterHeld(table, mode, serial: serial, for: holder)
      }
      if holder.heldTables.count == 0 { forgetHolder(holder) }
    }
  }

  /// Enters a granted request that the transaction made when it counted `serial`.
  private func enterHeld(
    _ table: UInt32, _ mode: LockMode, serial: UInt32, for holder: Transaction
  ) {
    let latest = holder.lockSerial
    let number = add(
      Self.name(ofTable: table), mode, for: holder, isGranted: true, table: table)
    holder.lockSerial = latest
    requests[Int(number)].serial = serial
    // The requests of a transaction are in the order in which it made them, the last one first.
    var later = number
    var next = requests[Int(number)].nextOfTransaction
    while next >= 0, requests[Int(next)].serial > serial {
      later = next
      next = requests[Int(next)].nextOfTransaction
    }
    guard later != number else { return }
    holder.firstLock = requests[Int(number)].nextOfTransaction
    requests[Int(later)].nextOfTransaction = number
    requests[Int(number)].nextOfTransaction = next
  }

  func forgetHolder(_ transaction: Transaction) {
    let place = transaction.holderIndex
    let last = holders.removeLast()
    if last !== transaction {
      holders[place] = last
      last.holderIndex = place
    }
  }
}
