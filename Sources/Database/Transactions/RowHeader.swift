import Volume

/// What stands in front of every row in a leaf: who wrote this version, and where the one before is.
///
/// ```
///   0               8              16      17
///   ├ transaction ──┼ undo pointer ┼ flags ┼ row …
/// ```
struct RowHeader: Equatable {
  static let size = 17
  private static let deleted: UInt8 = 1
  private static let locksKey: UInt8 = 2

  var transaction: TransactionID
  var undo: UndoPointer
  /// Whether this version says that there is no row any more.
  var isDeleted: Bool
  /// Whether the transaction has put the row in, deleted it or changed one of its keys.
  var locksKey: Bool

  init(transaction: TransactionID, undo: UndoPointer, isDeleted: Bool, locksKey: Bool = true) {
    (self.transaction, self.undo) = (transaction, undo)
    (self.isDeleted, self.locksKey) = (isDeleted, locksKey)
  }

  /// How the row is locked by having been written, until its transaction ends.
  @inline(__always)
  var lockMode: LockMode { locksKey ? .forUpdate : .forNoKeyUpdate }

  @inline(__always)
  init(_ bytes: UnsafeRawBufferPointer) {
    transaction = TransactionID(
      UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)))
    undo = UndoPointer(
      raw: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    isDeleted = bytes[16] & Self.deleted != 0
    locksKey = bytes[16] & Self.locksKey != 0
  }

  func store(to bytes: UnsafeMutableRawPointer) {
    bytes.storeBytes(of: transaction.value.littleEndian, as: UInt64.self)
    bytes.storeBytes(of: undo.raw.littleEndian, toByteOffset: 8, as: UInt64.self)
    let flags = (isDeleted ? Self.deleted : 0) | (locksKey ? Self.locksKey : 0)
    bytes.storeBytes(of: flags, toByteOffset: 16, as: UInt8.self)
  }

  /// The row behind the header.
  @inline(__always)
  static func row(of value: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: value[size...])
  }
}

/// Where the undo record of a version lies, and whether that says no more than "there was no row".
struct UndoPointer: Hashable {
  private static let insertBit: UInt64 = 1 << 63

  let raw: UInt64

  init(raw: UInt64) { self.raw = raw }

  init(page: PageNumber, offset: Int, isInsert: Bool) {
    raw = UInt64(page.value) << 16 | UInt64(offset) | (isInsert ? Self.insertBit : 0)
  }

  /// The pointer of a row that was always there.
  static let none = UndoPointer(raw: insertBit)

  var isInsert: Bool { raw & Self.insertBit != 0 }
  var page: PageNumber { PageNumber(UInt32(truncatingIfNeeded: raw >> 16)) }
  var offset: Int { Int(raw & 0xFFFF) }
}
