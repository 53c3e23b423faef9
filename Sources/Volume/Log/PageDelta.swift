public import Simulation

/// What a redo record does to its page: byte-level edits, in order.
///
/// The volume knows pages as bytes and nothing of what is on them, so a storage node can make pages
/// from the log for any engine. Two edits are enough for a slotted page to log little: `write` puts
/// bytes, `move` shifts bytes that are on the page already (a slot directory making room).
///
/// ```
///   0x01 write   offset u16  count u16  bytes…
///   0x02 move    from u16    to u16     count u16
///   0x03 clear                                       the whole page becomes zero
/// ```
///
/// The first ``Page/headerSize`` bytes belong to the volume; no edit touches them.
public enum PageDelta {
  static let write: UInt8 = 1
  static let move: UInt8 = 2
  static let clear: UInt8 = 3
  /// Bytes of an edit, of a `write` without what it writes.
  static let writeHeaderSize = 5
  static let moveSize = 7
  static let clearSize = 1

  /// Applies the edits to a page image.
  ///
  /// - Parameter page: ``Page/size`` bytes.
  /// - Throws: `ByteReader.Malformed` if the edits are cut short or reach outside the page; edits
  ///   before the bad one have been applied then.
  public static func apply(
    _ edits: UnsafeRawBufferPointer, to page: UnsafeMutableRawBufferPointer
  ) throws(ByteReader.Malformed) {
    var offset = 0
    while offset < edits.count {
      switch edits[offset] {
      case write:
        try require(writeHeaderSize, of: edits, at: offset)
        let target = Int(edits.load(UInt16.self, at: offset + 1))
        let count = Int(edits.load(UInt16.self, at: offset + 3))
        try require(writeHeaderSize + count, of: edits, at: offset)
        try checkInside(target, count, at: offset)
        let start = offset + writeHeaderSize
        offset = start + count
        UnsafeMutableRawBufferPointer(rebasing: page[target..<target + count])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: edits[start..<offset]))
      case move:
        try require(moveSize, of: edits, at: offset)
        let source = Int(edits.load(UInt16.self, at: offset + 1))
        let target = Int(edits.load(UInt16.self, at: offset + 3))
        let count = Int(edits.load(UInt16.self, at: offset + 5))
        try checkInside(source, count, at: offset)
        try checkInside(target, count, at: offset)
        offset += moveSize
        UnsafeMutableRawBufferPointer(rebasing: page[target..<target + count])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: page[source..<source + count]))
      case clear:
        UnsafeMutableRawBufferPointer(rebasing: page[Page.headerSize..<Page.size])
          .initializeMemory(as: UInt8.self, repeating: 0)
        offset += clearSize
      default:
        throw ByteReader.Malformed(offset: offset, wanted: 1)
      }
    }
  }

  @inline(__always)
  private static func require(
    _ size: Int, of edits: UnsafeRawBufferPointer, at offset: Int
  ) throws(ByteReader.Malformed) {
    guard offset + size <= edits.count else {
      throw ByteReader.Malformed(offset: offset, wanted: size)
    }
  }

  @inline(__always)
  private static func checkInside(
    _ start: Int, _ count: Int, at offset: Int
  ) throws(ByteReader.Malformed) {
    guard start >= Page.headerSize, start + count <= Page.size else {
      throw ByteReader.Malformed(offset: offset, wanted: count)
    }
  }
}
