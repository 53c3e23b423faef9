import Volume

/// Page 0: what the engine must find before it can find anything else.
///
/// ```
///   40 magic (8) · 48 format (4) · 52 page count (4) · 56 first free page (4) · 60 free pages (4)
///   64 transaction limit (8) · 72 row limit (8) · 80 next object (4) · 84 rollback segment (4)
///   88 catalog version (8)
/// ```
///
/// A *limit* is a number that no identifier given out so far has reached: it is moved ahead in steps, so
/// that most identifiers cost no redo, and an instance that opens the volume starts at it.
struct MetaPage {
  /// "BOREALIS", read as a little-endian number.
  static let magic: UInt64 = 0x5349_4C41_4552_4F42
  static let format: UInt32 = 1

  enum Offset {
    static let magic = 40
    static let format = 48
    static let pageCount = 52
    static let firstFree = 56
    static let freeCount = 60
    static let transactionLimit = 64
    static let rowLimit = 72
    static let nextObject = 80
    static let rollbackSegment = 84
    static let catalogVersion = 88
  }

  let frame: Frame

  init(_ frame: Frame) { self.frame = frame }

  var isFormatted: Bool {
    frame.kind == .meta && frame.load(UInt64.self, at: Offset.magic) == Self.magic
  }
  var format: UInt32 { frame.load(UInt32.self, at: Offset.format) }
  /// Pages that were ever handed out; the next number never used.
  var pageCount: UInt32 { frame.load(UInt32.self, at: Offset.pageCount) }
  var firstFree: PageNumber { PageNumber(frame.load(UInt32.self, at: Offset.firstFree)) }
  var freeCount: UInt32 { frame.load(UInt32.self, at: Offset.freeCount) }
  var transactionLimit: UInt64 { frame.load(UInt64.self, at: Offset.transactionLimit) }
  var rowLimit: UInt64 { frame.load(UInt64.self, at: Offset.rowLimit) }
  var nextObject: UInt32 { frame.load(UInt32.self, at: Offset.nextObject) }
  var rollbackSegment: PageNumber {
    PageNumber(frame.load(UInt32.self, at: Offset.rollbackSegment))
  }
  /// Counts the transactions that changed the catalog and were committed.
  var catalogVersion: UInt64 { frame.load(UInt64.self, at: Offset.catalogVersion) }
}
