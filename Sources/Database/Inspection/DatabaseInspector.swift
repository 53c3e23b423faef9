import SQL
import Simulation
public import Volume

/// Looks through a whole database as it is at one LSN, from the images of its pages alone.
///
/// ```
///   meta page ─┬─▶ catalog tree ──▶ every table ──▶ its tree, and the tree of each index
///              ├─▶ rollback segments ──▶ every slot ──▶ its chain of undo
///              └─▶ free pages
///   each page belongs to one of these, and to one only
/// ```
///
/// It trusts nothing that an engine has in memory: trees are walked from their roots, every key is held against the
/// separators above it, and every row against its own key and every index.
///
/// What a transaction has written that has not ended may lack its index entries, and is left out.
public final class DatabaseInspector {
  private let images: PageImages
  private var report = DatabaseReport()
  private var owners = LookupTable<PageNumber, String>()
  /// Transactions that have not ended, in ascending order.
  private var unended: [TransactionID] = []

  /// - Parameter image: a page as of the LSN, ``Page/size`` bytes long, all zero if it was never written; `nil` if
  ///   there is no sound image of it.
  public init(image: @escaping (PageNumber) -> [UInt8]?) { images = PageImages(image) }

  /// Looks at everything.
  public func inspect() -> DatabaseReport {
    struct Meta {
      let pageCount: UInt32
      let segment: PageNumber
      let firstFree: PageNumber
      let freeCount: Int
      let nextObject: UInt32
    }
    _ = claim(.meta, for: "the meta page")
    let meta = images.withPage(.meta) { frame -> Meta? in
      let page = MetaPage(frame)
      guard page.isFormatted, page.format == MetaPage.format else { return nil }
      return Meta(
        pageCount: page.pageCount, segment: page.rollbackSegment, firstFree: page.firstFree,
        freeCount: Int(page.freeCount), nextObject: page.nextObject)
    }
    guard let readable = meta else {
      report.unreadableCount += 1
      return report
    }
    guard let meta = readable else {
      report.add("page 0 is no meta page of this format")
      return report
    }
    report.pageCount = Int(meta.pageCount)
    inspectSegments(from: meta.segment)
    inspectFreePages(from: meta.firstFree, count: meta.freeCount)
    for table in descriptions() { inspect(table, nextObject: meta.nextObject) }
    for number in 0..<meta.pageCount where owners[PageNumber(number)] == nil {
      lose(PageNumber(number))
    }
    return report
  }

  // MARK: Pages

  /// Notes what a page is used for.
  ///
  /// - Returns: whether it is used for nothing else.
  private func claim(_ page: PageNumber, for use: String) -> Bool {
    if let other = owners[page] {
      report.add("\(page) is used by \(use) and by \(other)")
      return false
    }
    owners[page] = use
    return true
  }

  /// Notes a page that nothing leads to.
  private func lose(_ page: PageNumber) {
    report.remnants.lostPages += 1
    guard report.remnants.lostPages <= DatabaseReport.listed else { return }
    let content = images.withPage(page) { frame -> String in
      switch frame.kind {
      case .tree: "of tree \(frame.owner)"
      case .undo: "of the undo of slot \(frame.owner)"
      case .free: "free"
      default: "of kind \(frame.load(UInt8.self, at: PageOffset.kind))"
      }
    }
    report.remnants.examples.append("\(page) is \(content ?? "not readable")")
  }

  private func inspectFreePages(from first: PageNumber, count: Int) {
    var next = first
    for place in 0..<count {
      guard next != .none, claim(next, for: "the list of free pages") else {
        report.add("the list of free pages ends after \(place) of \(count)")
        return
      }
      let link = images.withPage(next) { ($0.kind, $0.right) }
      guard let (kind, right) = link else {
        report.unreadableCount += 1
        return
      }
      if kind != .free { report.add("\(next) is in the list of free pages, but in use") }
      next = right
    }
  }

  // MARK: Undo

  private func inspectSegments(from first: PageNumber) {
    var segment = first
    var index = 0
    while segment != .none, claim(segment, for: "the rollback segment") {
      let slots = images.withPage(segment) { frame -> (next: PageNumber, slots: [Slot])? in
        guard frame.kind == .rollbackSegment else { return nil }
        return (
          frame.right,
          (0..<RollbackSegment.slotsPerPage).map { Slot(index: index + $0, place: $0, in: frame) }
        )
      }
      guard let readable = slots else {
        report.unreadableCount += 1
        return
      }
      guard let (next, found) = readable else {
        report.add("\(segment) is no page of the rollback segment")
        return
      }
      for slot in found { inspect(slot) }
      index += found.count
      segment = next
    }
    report.openTransactionCount = unended.count
    unended.sort()
  }

  /// A slot as it is on its page.
  private struct Slot {
    let index: Int
    let transaction: TransactionID
    let isActive: Bool
    let head: PageNumber
    let tail: PageNumber

    init(index: Int, place: Int, in segment: Frame) {
      let base = PageOffset.body + place * RollbackSegment.slotSize
      self.index = index
      transaction = TransactionID(
        segment.load(UInt64.self, at: base + RollbackSegment.Offset.transaction))
      isActive =
        segment.load(UInt8.self, at: base + RollbackSegment.Offset.state) == RollbackSegment.active
      head = PageNumber(segment.load(UInt32.self, at: base + RollbackSegment.Offset.head))
      tail = PageNumber(segment.load(UInt32.self, at: base + RollbackSegment.Offset.tail))
    }
  }

  private func inspect(_ slot: Slot) {
    if slot.isActive { unended.append(slot.transaction) }
    guard slot.head != .none || slot.tail != .none else { return }
    var older = PageNumber.none
    var page = slot.head
    while true {
      guard page != .none, claim(page, for: "the undo of slot \(slot.index)") else {
        report.add("the undo of slot \(slot.index) does not lead from \(slot.head) to \(slot.tail)")
        return
      }
      let found = images.withPage(page) { frame in
        (right: frame.right, problem: Self.problem(of: frame, slot: slot.index, older: older))
      }
      guard let found else {
        report.unreadableCount += 1
        return
      }
      if let problem = found.problem { report.add("\(page): \(problem)") }
      if page == slot.tail {
        if found.right != .none {
          report.add("\(found.right) follows the last page of undo, \(page)")
        }
        return
      }
      report.remnants.undoPages += 1
      (older, page) = (page, found.right)
    }
  }

  /// What is wrong with a page of undo; `nil` if its records lie one behind the other from its beginning to its end.
  private static func problem(of frame: Frame, slot: Int, older: PageNumber) -> String? {
    guard frame.kind == .undo else { return "is no page of undo" }
    if frame.owner != UInt32(slot) { return "is of slot \(frame.owner), not \(slot)" }
    if frame.left != older { return "is linked to \(frame.left), not to \(older)" }
    let page = UndoPage(frame)
    guard page.end >= UndoPage.start, page.end <= Page.size else {
      return "ends at \(page.end)"
    }
    var offset = UndoPage.start
    var previous = 0
    while offset < page.end {
      guard offset + UndoRecord.headerSize <= page.end else { return "ends within a record" }
      let record = UndoRecord(frame: frame, offset: offset)
      guard record.count >= UndoRecord.headerSize, offset + record.count <= page.end else {
        return "the record at \(offset) is \(record.count) bytes long"
      }
      guard record.previous == previous else {
        return "the record at \(offset) follows \(record.previous), not \(previous)"
      }
      (previous, offset) = (offset, offset + record.count)
    }
    return page.lastRecord == previous
      ? nil : "the last record is at \(previous), not \(page.lastRecord)"
  }

  private func isOpen(_ transaction: TransactionID) -> Bool {
    Snapshot.contains(unended, transaction)
  }

  // MARK: Trees

  /// Walks a tree whose pages nothing else may use.
  private func walk(
    _ tree: TreeDescription, _ name: String,
    _ visit: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void
  ) {
    let examination = TreeExamination(
      root: tree.root, owner: tree.id, images: images, claim: { claim($0, for: name) },
      visit: visit)
    report.treeCount += 1
    report.unreadableCount += examination.unreadableCount
    for problem in examination.problems { report.add("\(name): \(problem)") }
  }

  /// The newest descriptions in the catalog, but for those of transactions that have not ended.
  private func descriptions() -> [TableDescription] {
    var tables: [TableDescription] = []
    walk(TreeDescription(id: Catalog.tableID, root: Catalog.root), "the catalog") { _, value in
      let header = RowHeader(value)
      if header.isDeleted {
        report.remnants.deletedRows += 1
      } else if !isOpen(header.transaction) {
        tables.append(Catalog.description(from: RowHeader.row(of: value)))
      }
    }
    report.tableCount = tables.count
    return tables
  }

  private func inspect(_ table: TableDescription, nextObject: UInt32) {
    for tree in table.trees where tree.id >= nextObject {
      report.add("table \(table.name): tree \(tree.id) has a number that was not given out")
    }
    let indexes = table.indexes.map { IndexInspection($0, of: table) }
    let rows = RowEncoding(types: table.columns.map(\.type))
    let keys =
      table.primaryKey.isEmpty
      ? nil : KeyEncoding(types: table.primaryKey.map { table.columns[$0].type })
    walk(table.tree, "table \(table.name)") { key, value in
      let header = RowHeader(value)
      if header.isDeleted { report.remnants.deletedRows += 1 }
      if isOpen(header.transaction) {
        for index in indexes { index.skip(key) }
        return
      }
      if header.isDeleted { return }
      report.rowCount += 1
      let row = RowHeader.row(of: value)
      if let keys {
        let own = keys.encode(table.primaryKey.map { rows.decode(column: $0, from: row) })
        if !key.elementsEqual(own) {
          report.add(
            "table \(table.name): the row under key \([UInt8](key).hexadecimal) has the values of"
              + " key \(own.hexadecimal)")
        }
      }
      for index in indexes { index.expect(row, key) }
    }
    for index in indexes {
      walk(index.description.tree, "index \(index.description.name)") { key, value in
        if IndexEntry.isDeleted(value) {
          report.remnants.markedEntries += 1
        } else {
          report.entryCount += 1
          index.meet(key, columnsCount: IndexEntry.columnsCount(of: value))
        }
      }
      index.finish()
      for problem in index.problems {
        report.add("index \(index.description.name) of table \(table.name): \(problem)")
      }
    }
  }
}
