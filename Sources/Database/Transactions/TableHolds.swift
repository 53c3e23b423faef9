/// The tables that a transaction has locked in weak modes, as long as nobody wants a strong one.
///
/// Weak modes conflict with none of their kind, so nobody else has to see them: to lock a table for
/// reading or writing its rows takes a line here, and no look-up. ``LockManager/gather(_:)`` moves the
/// lines of a table into its queue once somebody wants to lock it strongly.
///
/// Source: PostgreSQL, `storage/lmgr/README` (fast path locking, with as many places).
struct TableHolds {
  private struct Hold {
    var table: UInt32 = 0
    /// When it was taken, as ``Transaction/lockSerial`` counts.
    var serial: UInt32 = 0
    var mode = LockMode.accessShare
  }

  static let capacity = 16
  private var holds = InlineArray<16, Hold>(repeating: Hold())
  private(set) var count = 0

  var isFull: Bool { count == Self.capacity }

  @inline(__always)
  func covers(_ table: UInt32, _ mode: LockMode) -> Bool {
    for index in 0..<count where holds[index].table == table && holds[index].mode.covers(mode) {
      return true
    }
    return false
  }

  /// - Precondition: it is not full.
  @inline(__always)
  mutating func append(_ table: UInt32, _ mode: LockMode, serial: UInt32) {
    holds[count] = Hold(table: table, serial: serial, mode: mode)
    count += 1
  }

  /// Takes out what was locked after `serial`, of one table or of all.
  mutating func remove(
    _ table: UInt32? = nil, after serial: UInt32 = 0,
    _ visit: (_ mode: LockMode, _ serial: UInt32) -> Void = { _, _ in }
  ) {
    var kept = 0
    for index in 0..<count {
      let hold = holds[index]
      if hold.serial > serial, table == nil || table == hold.table {
        visit(hold.mode, hold.serial)
      } else {
        holds[kept] = hold
        kept += 1
      }
    }
    count = kept
  }

  mutating func removeAll() { count = 0 }
}
