import Volume

/// How to get back to the version before: one record of an undo log, where it lies on its page.
///
/// ```
///    0       2          4      5        9             17      21          23
///    ├ count ┼ previous ┼ kind ┼ number ┼ transaction ┼ table ┼ key count ┼ key ┬──────────────
///              of the                                                           │ of an update:
///              page                       header of the version before (17) ────┤
///                     bytes shared at the front (2), at the end (2), the rest ──┘
/// ```
///
/// Of the row before, only what differs from its successor is kept, unless purge will have to know all
/// of it: when index entries must be found that belong to it alone.
struct UndoRecord {
  static let headerSize = 23

  enum Kind: UInt8 {
    /// There was no row.
    case insert = 1
    /// There was another version.
    case update = 2
    /// There was another version, and purge must look: the row was deleted, or the keys of its index
    /// entries changed.
    case updateForPurge = 3
  }

  let frame: Frame
  let offset: Int

  var count: Int { Int(frame.load(UInt16.self, at: offset)) }
  /// Where the record before it on the same page begins; 0 if it is the first.
  var previous: Int { Int(frame.load(UInt16.self, at: offset + 2)) }
  var kind: Kind {
    guard let kind = Kind(rawValue: frame.load(UInt8.self, at: offset + 4)) else {
      preconditionFailure("no undo record at \(offset) of \(frame.page)")
    }
    return kind
  }
  /// Counts the records of the transaction, from 0.
  var number: UInt32 { frame.load(UInt32.self, at: offset + 5) }
  var transaction: TransactionID { TransactionID(frame.load(UInt64.self, at: offset + 9)) }
  var table: UInt32 { frame.load(UInt32.self, at: offset + 17) }
  private var keyCount: Int { Int(frame.load(UInt16.self, at: offset + 21)) }
  var key: UnsafeRawBufferPointer { frame.slice(offset + Self.headerSize, keyCount) }

  private var update: Int { offset + Self.headerSize + keyCount }

  /// The header of the version before.
  ///
  /// - Precondition: not the record of an insert.
  var oldHeader: RowHeader { RowHeader(frame.slice(update, RowHeader.size)) }
  private var prefix: Int { Int(frame.load(UInt16.self, at: update + RowHeader.size)) }
  private var suffix: Int { Int(frame.load(UInt16.self, at: update + RowHeader.size + 2)) }
  private var middle: UnsafeRawBufferPointer {
    let start = update + RowHeader.size + 4
    return frame.slice(start, offset + count - start)
  }

  /// The row before, of a record that keeps it whole.
  ///
  /// - Precondition: a record for purge.
  var wholeOldRow: UnsafeRawBufferPointer { middle }

  /// Puts the row before together.
  ///
  /// - Parameters:
  ///   - newRow: the row that followed it.
  ///   - target: has room for any row; may not overlap `newRow`.
  /// - Returns: the size of the row before.
  func oldRow(
    from newRow: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) -> Int {
    let (prefix, suffix, middle) = (prefix, suffix, middle)
    target.copyMemory(from: UnsafeRawBufferPointer(rebasing: newRow[..<prefix]))
    UnsafeMutableRawBufferPointer(rebasing: target[prefix...]).copyMemory(from: middle)
    UnsafeMutableRawBufferPointer(rebasing: target[(prefix + middle.count)...])
      .copyMemory(from: UnsafeRawBufferPointer(rebasing: newRow[(newRow.count - suffix)...]))
    return prefix + middle.count + suffix
  }
}

/// What is to become an undo record.
struct UndoContent {
  let kind: UndoRecord.Kind
  let table: UInt32
  let key: UnsafeRawBufferPointer
  let oldHeader: RowHeader
  /// What the row before shares with its successor, in bytes.
  let prefix: Int
  let suffix: Int
  let middle: UnsafeRawBufferPointer

  /// Undoes the insertion of a row.
  init(insertInto table: UInt32, key: UnsafeRawBufferPointer) {
    kind = .insert
    self.table = table
    self.key = key
    oldHeader = RowHeader(transaction: .none, undo: .none, isDeleted: false)
    (prefix, suffix, middle) = (0, 0, UnsafeRawBufferPointer(start: nil, count: 0))
  }

  /// Undoes a change of a row that had another version before.
  init(
    updateOf table: UInt32, key: UnsafeRawBufferPointer, oldHeader: RowHeader,
    oldRow: UnsafeRawBufferPointer, newRow: UnsafeRawBufferPointer, isForPurge: Bool
  ) {
    kind = isForPurge ? .updateForPurge : .update
    self.table = table
    self.key = key
    self.oldHeader = oldHeader
    if isForPurge {
      (prefix, suffix, middle) = (0, 0, oldRow)
      return
    }
    let prefix = KeyOrder.sharedPrefix(oldRow, newRow)
    let shared = min(oldRow.count, newRow.count) - prefix
    var suffix = 0
    while suffix < shared,
      oldRow[oldRow.count - 1 - suffix] == newRow[newRow.count - 1 - suffix]
    { suffix += 1 }
    (self.prefix, self.suffix) = (prefix, suffix)
    middle = UnsafeRawBufferPointer(rebasing: oldRow[prefix..<oldRow.count - suffix])
  }

  /// The size of the record.
  var count: Int {
    let header = UndoRecord.headerSize + key.count
    return kind == .insert ? header : header + RowHeader.size + 4 + middle.count
  }

  func store(
    to frame: Frame, at offset: Int, previous: Int, number: UInt32, transaction: TransactionID
  ) {
    let target = frame.bytes + offset
    target.storeBytes(of: UInt16(count).littleEndian, as: UInt16.self)
    target.storeBytes(of: UInt16(previous).littleEndian, toByteOffset: 2, as: UInt16.self)
    target.storeBytes(of: kind.rawValue, toByteOffset: 4, as: UInt8.self)
    target.storeBytes(of: number.littleEndian, toByteOffset: 5, as: UInt32.self)
    target.storeBytes(of: transaction.value.littleEndian, toByteOffset: 9, as: UInt64.self)
    target.storeBytes(of: table.littleEndian, toByteOffset: 17, as: UInt32.self)
    target.storeBytes(of: UInt16(key.count).littleEndian, toByteOffset: 21, as: UInt16.self)
    var end = target + UndoRecord.headerSize
    if let bytes = key.baseAddress { end.copyMemory(from: bytes, byteCount: key.count) }
    end += key.count
    if kind == .insert { return }
    oldHeader.store(to: end)
    end += RowHeader.size
    end.storeBytes(of: UInt16(prefix).littleEndian, as: UInt16.self)
    end.storeBytes(of: UInt16(suffix).littleEndian, toByteOffset: 2, as: UInt16.self)
    end += 4
    if let bytes = middle.baseAddress { end.copyMemory(from: bytes, byteCount: middle.count) }
  }
}
