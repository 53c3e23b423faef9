/// What one copy knows of each of its pages, found by page number without hashing.
///
/// The pages of a group are dealt out in extents, so their places within the group are dense: two
/// levels of arrays, the lower ones as long as the last page of theirs that was written requires.
struct PageDirectory {
  struct Entry {
    /// The LSN of the newest image that was made; zero before the first.
    var baseLSN = LSN.zero
    /// The LSN of the newest image that survives a loss of power.
    var persistedLSN = LSN.zero
    /// Where that image lies on disk; negative if there is none.
    var slot: Int32 = -1
    /// The records since the image, chained in the ring: the first, the last and how many.
    var first: UInt32 = 0
    var last: UInt32 = 0
    var count: UInt32 = 0
    /// Whether the background is making a newer image just now.
    var isBusy = false
    /// Whether the image is damaged: there was one of `baseLSN`, and a peer must tell what was in it.
    var isDamaged = false

    var isBlank: Bool { slot < 0 && count == 0 && !isDamaged }

    /// Adds a record to the chain, unless the image has it already.
    ///
    /// - Returns: the record before it in the chain, if there is one.
    @inline(__always)
    fileprivate mutating func chain(_ record: UInt32, lsn: LSN) -> UInt32? {
      guard lsn > baseLSN else { return nil }
      let previous = count == 0 ? nil : last
      if count == 0 { first = record }
      last = record
      count += 1
      return previous
    }
  }

  private static let chunkSize = 512

  private let groupCount: Int
  private let group: Int
  private var chunks: [ContiguousArray<Entry>] = []

  init(group: Int, of groupCount: Int) { (self.group, self.groupCount) = (group, groupCount) }

  subscript(page: PageNumber) -> Entry {
    @inline(__always) get {
      let place = place(of: page)
      let (chunk, index) = (place / Self.chunkSize, place % Self.chunkSize)
      guard chunk < chunks.count, index < chunks[chunk].count else { return Entry() }
      return chunks[chunk][index]
    }
    @inline(__always) _modify {
      let place = place(of: page)
      let (chunk, index) = (place / Self.chunkSize, place % Self.chunkSize)
      if chunk >= chunks.count || index >= chunks[chunk].count { extend(chunk, to: index) }
      yield &chunks[chunk][index]
    }
  }

  /// Adds a record to a page's chain; see ``Entry``.
  ///
  /// - Returns: the record before it in the chain, if there is one.
  @inline(__always)
  mutating func chain(_ record: UInt32, lsn: LSN, of page: PageNumber) -> UInt32? {
    let place = place(of: page)
    let (chunk, index) = (place / Self.chunkSize, place % Self.chunkSize)
    if chunk >= chunks.count || index >= chunks[chunk].count { extend(chunk, to: index) }
    return chunks[chunk][index].chain(record, lsn: lsn)
  }

  /// Visits every page that is not blank, in order of page numbers, from `start` on, until `body`
  /// says that it has had enough.
  func visit(from start: PageNumber = PageNumber(0), _ body: (PageNumber, Entry) -> Bool) {
    let first = firstPlace(from: start)
    for chunk in chunks.indices.dropFirst(first / Self.chunkSize) {
      let entries = chunks[chunk]
      let begin = max(0, first - chunk * Self.chunkSize)
      for index in entries.indices.dropFirst(begin) where !entries[index].isBlank {
        let number = page(at: chunk * Self.chunkSize + index)
        if !body(number, entries[index]) { return }
      }
    }
  }

  @inline(__always)
  private func place(of page: PageNumber) -> Int {
    let extentSize = Int(VolumeGeometry.pagesPerExtent)
    let number = Int(page.value)
    return number / extentSize / groupCount * extentSize + number % extentSize
  }

  /// The place of the group's first page that is not below `page`, which may be of another group.
  private func firstPlace(from page: PageNumber) -> Int {
    let extentSize = Int(VolumeGeometry.pagesPerExtent)
    let extent = Int(page.value) / extentSize
    let owner = extent % groupCount
    if owner == group { return place(of: page) }
    // The group's extent of this round of all groups is still to come, or over.
    return (extent / groupCount + (owner < group ? 0 : 1)) * extentSize
  }

  private func page(at place: Int) -> PageNumber {
    let extentSize = Int(VolumeGeometry.pagesPerExtent)
    let extent = place / extentSize * groupCount + group
    return PageNumber(UInt32(extent * extentSize + place % extentSize))
  }

  private mutating func extend(_ chunk: Int, to index: Int) {
    while chunks.count <= chunk { chunks.append([]) }
    let missing = index + 1 - chunks[chunk].count
    chunks[chunk].append(contentsOf: repeatElement(Entry(), count: missing))
  }
}
