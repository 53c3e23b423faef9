import Volume

/// What a page is used for: the first byte behind the volume's header.
///
/// ```
///    0          16     17      18       20          22        24     28      32      36       40
///    ├ volume's ┼ kind ┼ level ┼ slot   ┼ heap      ┼ garbage ┼ left ┼ right ┼ owner ┼ unused ┼ …
///      header                    count    start                 page   page
/// ```
///
/// Every kind keeps its links in the same two places, so that a page can be dumped without knowing
/// more. A page that was never written is all zero, and so of kind `unused`.
enum PageKind: UInt8 {
  case unused = 0
  /// Page 0: counters, the free list, roots.
  case meta = 1
  /// A node of a B+ tree.
  case tree = 2
  /// A piece of an undo log.
  case undo = 3
  /// Slots of transactions in progress.
  case rollbackSegment = 4
  /// In the list of pages to be used again.
  case free = 5
}

/// Where the fields that all kinds share lie, in bytes from the start of the page.
enum PageOffset {
  static let kind = 16
  static let level = 17
  static let slotCount = 18
  static let heapStart = 20
  static let garbage = 22
  static let left = 24
  static let right = 28
  static let owner = 32
  /// The end of the header of the engine.
  static let body = 40
}

extension PageNumber {
  /// Where the engine's counters and roots are.
  static let meta = PageNumber(0)
  /// The end of a chain: nothing links to the meta page, so its number is free to say so.
  static let none = PageNumber(0)
}
