import Volume

/// Edits of slotted pages, each as little redo as its kind allows.
extension PageEditor {
  /// Makes a page an empty node.
  ///
  /// - Parameter isBlank: whether the page is all zero already, as one that was never written.
  func format(
    _ frame: Frame, level: Int, owner: UInt32, left: PageNumber, right: PageNumber, isBlank: Bool
  ) {
    if !isBlank { clear(frame) }
    setHeader(
      frame, level: level, slotCount: 0, heapStart: Page.size, garbage: 0, left: left, right: right,
      owner: owner)
    note(PageOffset.kind, PageOffset.owner + 4 - PageOffset.kind, of: frame)
  }

  /// Puts a cell in front of `slot`.
  ///
  /// - Precondition: the page has room for it, if need be after compaction.
  func insertCell(
    key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, at slot: Int, of frame: Frame
  ) {
    let size = SlottedPage.cellHeader + key.count + value.count
    let page = SlottedPage(frame)
    precondition(page.freeBytes >= size + SlottedPage.slotSize, "no room on \(frame.page)")
    if page.gap < size + SlottedPage.slotSize { compact(frame) }
    let cell = page.heapStart - size
    store(key, value, at: cell, of: frame)
    note(cell, size, of: frame)

    let entry = PageOffset.body + slot * SlottedPage.slotSize
    move(
      from: entry, to: entry + SlottedPage.slotSize, count: page.directoryEnd - entry, of: frame)
    write(UInt16(cell), at: entry, of: frame)
    setCounts(frame, slotCount: page.slotCount + 1, heapStart: cell)
  }

  /// Takes a cell out of the directory; its bytes become garbage.
  func removeCell(at slot: Int, of frame: Frame) {
    let page = SlottedPage(frame)
    let size = page.cellSize(at: slot)
    let isLowest = page.offset(of: slot) == page.heapStart
    let entry = PageOffset.body + slot * SlottedPage.slotSize
    let next = entry + SlottedPage.slotSize
    move(from: next, to: entry, count: page.directoryEnd - next, of: frame)
    let heapStart = page.heapStart
    setCounts(
      frame, slotCount: page.slotCount - 1, heapStart: isLowest ? heapStart + size : heapStart,
      garbage: isLowest ? page.garbage : page.garbage + size)
  }

  /// Gives a cell another value.
  ///
  /// One of the same size is changed where it lies, and only the bytes that differ are logged.
  ///
  /// - Precondition: the page has room for the difference.
  func replaceValue(with value: UnsafeRawBufferPointer, at slot: Int, of frame: Frame) {
    let page = SlottedPage(frame)
    let old = page.value(at: slot)
    let cell = page.offset(of: slot)
    let key = page.key(at: slot)
    let valueOffset = cell + SlottedPage.cellHeader + key.count
    if value.count <= old.count {
      let surplus = old.count - value.count
      overwrite(value, at: valueOffset, of: frame)
      if surplus == 0 { return }
      write(UInt16(value.count), at: cell + 2, of: frame)
      write(UInt16(page.garbage + surplus), at: PageOffset.garbage, of: frame)
      return
    }
    let size = SlottedPage.cellHeader + key.count + value.count
    let oldSize = page.cellSize(at: slot)
    precondition(page.freeBytes + oldSize >= size, "no room on \(frame.page)")
    if page.gap >= size {
      let target = page.heapStart - size
      store(key, value, at: target, of: frame)
      note(target, size, of: frame)
      write(UInt16(target), at: PageOffset.body + slot * SlottedPage.slotSize, of: frame)
      setCounts(
        frame, slotCount: page.slotCount, heapStart: target, garbage: page.garbage + oldSize)
    } else {
      // The key is on the page that is about to be rearranged.
      let copy = [UInt8](key)
      removeCell(at: slot, of: frame)
      copy.withUnsafeBytes { insertCell(key: $0, value: value, at: slot, of: frame) }
    }
  }

  /// Closes the gaps in the heap.
  ///
  /// Cells move towards the end of the page, the highest first, so that none is overwritten before it
  /// has moved; neighbours that move by the same distance are one edit.
  func compact(_ frame: Frame) {
    let page = SlottedPage(frame)
    var cells = (0..<page.slotCount).map { (offset: page.offset(of: $0), slot: $0) }
    cells.sort { $0.offset > $1.offset }
    var target = Page.size
    var run = (source: 0, target: 0, count: 0)
    for cell in cells {
      let size = page.cellSize(at: cell.slot)
      target -= size
      frame.bytes.storeBytes(
        of: UInt16(target).littleEndian,
        toByteOffset: PageOffset.body + cell.slot * SlottedPage.slotSize, as: UInt16.self)
      if run.count > 0, cell.offset + size == run.source {
        run = (cell.offset, target, run.count + size)
      } else {
        moveRun(run, of: frame)
        run = (cell.offset, target, size)
      }
    }
    moveRun(run, of: frame)
    note(PageOffset.body, page.slotCount * SlottedPage.slotSize, of: frame)
    setCounts(frame, slotCount: page.slotCount, heapStart: target, garbage: 0)
  }

  /// Fills a formatted page with cells of another, in order.
  func copyCells(_ slots: Range<Int>, of source: Frame, to frame: Frame) {
    if slots.isEmpty { return }
    let from = SlottedPage(source)
    var heapStart = Page.size
    for (index, slot) in slots.enumerated() {
      let size = from.cellSize(at: slot)
      heapStart -= size
      (frame.bytes + heapStart).copyMemory(
        from: source.bytes + from.offset(of: slot), byteCount: size)
      frame.bytes.storeBytes(
        of: UInt16(heapStart).littleEndian,
        toByteOffset: PageOffset.body + index * SlottedPage.slotSize, as: UInt16.self)
    }
    note(heapStart, Page.size - heapStart, of: frame)
    note(PageOffset.body, slots.count * SlottedPage.slotSize, of: frame)
    setCounts(frame, slotCount: slots.count, heapStart: heapStart)
  }

  /// Takes the cells from `slot` on out of the directory, and links to another right neighbour.
  func truncateCells(from slot: Int, right: PageNumber, of frame: Frame) {
    let page = SlottedPage(frame)
    var removed = 0
    for index in slot..<page.slotCount { removed += page.cellSize(at: index) }
    setHeader(
      frame, level: page.level, slotCount: slot, heapStart: page.heapStart,
      garbage: page.garbage + removed, left: frame.left, right: right, owner: frame.owner)
    note(PageOffset.slotCount, PageOffset.right + 4 - PageOffset.slotCount, of: frame)
  }

  // MARK: Pieces

  private func moveRun(_ run: (source: Int, target: Int, count: Int), of frame: Frame) {
    if run.source != run.target {
      move(from: run.source, to: run.target, count: run.count, of: frame)
    }
  }

  /// Writes a cell without noting it.
  private func store(
    _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, at cell: Int, of frame: Frame
  ) {
    let target = frame.bytes + cell
    target.storeBytes(of: UInt16(key.count).littleEndian, as: UInt16.self)
    target.storeBytes(of: UInt16(value.count).littleEndian, toByteOffset: 2, as: UInt16.self)
    if let source = key.baseAddress {
      (target + SlottedPage.cellHeader).copyMemory(from: source, byteCount: key.count)
    }
    if let source = value.baseAddress {
      (target + SlottedPage.cellHeader + key.count).copyMemory(from: source, byteCount: value.count)
    }
  }

  private func setCounts(_ frame: Frame, slotCount: Int, heapStart: Int, garbage: Int? = nil) {
    frame.bytes.storeBytes(
      of: UInt16(slotCount).littleEndian, toByteOffset: PageOffset.slotCount, as: UInt16.self)
    frame.bytes.storeBytes(
      of: UInt16(heapStart).littleEndian, toByteOffset: PageOffset.heapStart, as: UInt16.self)
    if let garbage {
      frame.bytes.storeBytes(
        of: UInt16(garbage).littleEndian, toByteOffset: PageOffset.garbage, as: UInt16.self)
    }
    note(PageOffset.slotCount, garbage == nil ? 4 : 6, of: frame)
  }

  private func setHeader(
    _ frame: Frame, level: Int, slotCount: Int, heapStart: Int, garbage: Int, left: PageNumber,
    right: PageNumber, owner: UInt32
  ) {
    let bytes = frame.bytes
    bytes.storeBytes(of: PageKind.tree.rawValue, toByteOffset: PageOffset.kind, as: UInt8.self)
    bytes.storeBytes(of: UInt8(level), toByteOffset: PageOffset.level, as: UInt8.self)
    bytes.storeBytes(
      of: UInt16(slotCount).littleEndian, toByteOffset: PageOffset.slotCount, as: UInt16.self)
    bytes.storeBytes(
      of: UInt16(heapStart).littleEndian, toByteOffset: PageOffset.heapStart, as: UInt16.self)
    bytes.storeBytes(
      of: UInt16(garbage).littleEndian, toByteOffset: PageOffset.garbage, as: UInt16.self)
    bytes.storeBytes(of: left.value.littleEndian, toByteOffset: PageOffset.left, as: UInt32.self)
    bytes.storeBytes(of: right.value.littleEndian, toByteOffset: PageOffset.right, as: UInt32.self)
    bytes.storeBytes(of: owner.littleEndian, toByteOffset: PageOffset.owner, as: UInt32.self)
  }
}
