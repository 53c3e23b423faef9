import Simulation

/// Pages from the log: images on disk, and the records since.
extension Segment {
  /// How a page can be had at a read point.
  enum Source: Equatable {
    case refused(PageReply.Status)
    /// Nobody has written it.
    case blank
    /// No image yet: the records, applied to zeroes.
    case recordsAlone
    /// The image in this slot, and the records since.
    case image(slot: Int, baseLSN: LSN)
  }

  /// Says how `page` can be had as of `readPoint`.
  ///
  /// - Parameter requiredSCL: the group's last record at or below the read point.
  func source(of page: PageNumber, at readPoint: LSN, requiredSCL: LSN) -> Source {
    if requiredSCL > completeLSN || !remembers { return .refused(.incomplete) }
    let entry = pages[page]
    if entry.baseLSN > readPoint { return .refused(.tooOld) }
    if entry.isDamaged { return .refused(.failed) }
    if entry.isBlank { return .blank }
    return entry.slot < 0
      ? .recordsAlone : .image(slot: Int(entry.slot), baseLSN: entry.baseLSN)
  }

  /// Up to where pages may be made: what is durable here and in the volume, and what no read will
  /// ask an older version of.
  var coalescingLimit: LSN { min(durableLSN, volumeDurableLSN, minimumReadPoint) }

  /// Applies a page's records up to `readPoint` to its image.
  ///
  /// - Returns: whether the chain held together; if not, the image is damaged or too old.
  func apply(
    _ page: PageNumber, upTo readPoint: LSN, to image: UnsafeMutableRawBufferPointer
  ) -> Bool {
    let entry = pages[page]
    var lsn = Page.lsn(of: UnsafeRawBufferPointer(image))
    guard entry.count > 0 else { return true }
    var index = ring.index(of: entry.first)
    for _ in 0..<entry.count {
      let record = ring[index]
      if record.lsn > readPoint { break }
      if record.lsn > lsn {
        let isSound = withEdits(of: record) { previous, edits in
          // A mini-transaction that comes back to a page repeats the page's LSN before it.
          if previous > lsn { return false }
          do {
            try PageDelta.apply(edits, to: image)
            return true
          } catch {
            return false
          }
        }
        if !isSound { return false }
        lsn = record.lsn
      }
      index = ring.index(of: record.nextOfPage)
    }
    Page.setLSN(lsn, of: image)
    return true
  }

  /// Notes that a page has a newer image: its records up to there leave the chain.
  mutating func rebase(_ page: PageNumber, to lsn: LSN, slot: Int) {
    var entry = pages[page]
    entry.baseLSN = lsn
    entry.slot = Int32(slot)
    while entry.count > 0 {
      let record = ring[ring.index(of: entry.first)]
      if record.lsn > lsn { break }
      entry.first = record.nextOfPage
      entry.count -= 1
    }
    entry.isDamaged = false
    pages[page] = entry
  }

  /// Notes that the page's image cannot be had: there was one of at least `lsn`.
  mutating func noteDamage(of page: PageNumber, lsn: LSN) {
    pages[page].baseLSN = max(pages[page].baseLSN, lsn)
    pages[page].persistedLSN = max(pages[page].persistedLSN, lsn)
    pages[page].isDamaged = true
  }

  /// The read point at which to ask a peer for this page, to put it in the place of a damaged image.
  ///
  /// Nothing can be annulled of what is durable and complete here, and all later records of the page are here.
  /// `nil` if that point would be older than the image was.
  func repairPoint(of page: PageNumber) -> (readPoint: LSN, requiredSCL: LSN)? {
    let point = min(volumeDurableLSN, durableLSN)
    guard point >= pages[page].baseLSN else { return nil }
    return (point, lastRecord(through: point))
  }

  /// The last record up to `lsn` that this copy has, or had before it became part of a page.
  func lastRecord(through lsn: LSN) -> LSN {
    let next = ring.firstIndex(above: min(lsn, durableLSN))
    return next > ring.start ? ring[next - 1].lsn : min(floor, lsn)
  }

  /// Notes an image that was found on disk.
  mutating func restore(_ page: PageNumber, lsn: LSN, slot: Int) {
    pages[page].baseLSN = lsn
    pages[page].persistedLSN = lsn
    pages[page].slot = Int32(slot)
  }

  // MARK: What others ask for

  /// What an opener needs to know of this copy.
  func state() -> CopyState {
    var state = CopyState()
    state.remembers = remembers
    state.history = history
    state.volumeDurableLSN = volumeDurableLSN
    state.segmentCompleteLSN = durableLSN
    let first = ring.firstIndex(above: volumeDurableLSN)
    state.lastDurableRecord = first > ring.start ? ring[first - 1].lsn : floor
    for index in first..<max(first, ring.end) where ring[index].lsn <= durableLSN {
      let record = ring[index]
      state.entries.append(
        CopyState.Entry(lsn: record.lsn, isConsistencyPoint: record.isConsistencyPoint))
    }
    return state
  }

  /// The records above `lsn`, as a message for a peer; `nil` if there are none, or if the first of
  /// them are gone.
  ///
  /// - Parameters:
  ///   - end: the last record that is wanted.
  ///   - limit: the size in bytes after which no further record is added.
  func run(above lsn: LSN, through end: LSN, limit: Int) -> [UInt8]? {
    guard lsn >= floor, lsn < min(end, completeLSN) else { return nil }
    var index = ring.firstIndex(above: lsn)
    guard ring[index].lsn <= end else { return nil }
    let previous = index > ring.start ? ring[index - 1].lsn : floor
    let first = ring[index].lsn
    var bytes = [UInt8](repeating: 0, count: BatchHeader.size)
    var count = 0
    var last = first
    while index < ring.end {
      let record = ring[index]
      let size = LogRecord.headerSize + Int(record.count)
      if record.lsn > end || count > 0 && bytes.count + size > limit { break }
      let start = Int(record.offset)
      bytes.append(
        contentsOf: buffer(of: record)[
          (start - LogRecord.headerSize)..<start + Int(record.count)])
      last = record.lsn
      count += 1
      index += 1
    }
    let header = BatchHeader(
      group: group, epoch: history.epoch, first: first, last: last, previousInGroup: previous,
      volumeDurableLSN: volumeDurableLSN, minimumReadPoint: minimumReadPoint,
      allCompleteLSN: allCompleteLSN, recordCount: count)
    bytes.withUnsafeMutableBytes { header.seal(.run, $0) }
    return bytes
  }
}
