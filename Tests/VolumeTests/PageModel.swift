import Simulation

@testable import Volume

/// The slow, obvious volume: every version of every page, as the writer made it.
struct PageModel {
  struct Edit {
    let page: PageNumber
    let offset: Int
    let bytes: [UInt8]
  }

  private var versions = LookupTable<PageNumber, [(lsn: LSN, image: [UInt8])]>()
  static let blank = [UInt8](repeating: 0, count: Page.size)

  /// The page as of `lsn`.
  func image(of page: PageNumber, at lsn: LSN) -> [UInt8] {
    versions[page]?.last { $0.lsn <= lsn }?.image ?? Self.blank
  }

  func lsn(of page: PageNumber) -> LSN { versions[page]?.last?.lsn ?? .zero }

  /// Draws a mini-transaction of one to four small writes.
  mutating func transaction(
    _ random: RandomStream, pages: Int
  ) -> (MiniTransaction, [Edit]) {
    var transaction = MiniTransaction()
    var edits: [Edit] = []
    for _ in 0...random.index(below: 4) {
      let page = PageNumber(UInt32(random.index(below: pages)))
      let count = 1 + random.index(below: 60)
      let offset = 16 + random.index(below: Page.size - 16 - count)
      let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      bytes.withUnsafeBytes {
        transaction.noteWrite($0, at: offset, of: page, lsn: lsn(of: page))
      }
      edits.append(Edit(page: page, offset: offset, bytes: bytes))
    }
    return (transaction, edits)
  }

  /// Applies what was appended: edits of one page that follow one another are one record.
  mutating func apply(_ edits: [Edit], _ lsns: ClosedRange<LSN>) {
    var lsn = lsns.lowerBound
    var last: PageNumber?
    for edit in edits {
      if let last, last != edit.page { lsn = lsn.next }
      last = edit.page
      var image = versions[edit.page]?.last?.image ?? Self.blank
      image.replaceSubrange(edit.offset..<edit.offset + edit.bytes.count, with: edit.bytes)
      versions[edit.page, default: []].append((lsn, image))
    }
  }

  /// Forgets everything above `lsn`, as recovery does.
  mutating func truncate(above lsn: LSN) {
    for (page, images) in versions.sortedByKey() {
      versions[page] = images.filter { $0.lsn <= lsn }
    }
  }
}

extension [UInt8] {
  /// A fingerprint of a page without the part that belongs to the volume.
  var contents: UInt32 {
    withUnsafeBytes { Checksum.crc32(UnsafeRawBufferPointer(rebasing: $0[Page.headerSize...])) }
  }
}
