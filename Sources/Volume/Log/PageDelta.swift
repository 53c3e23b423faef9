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

  /// Applies the edits to a page image.
  ///
  /// - Parameter page: ``Page/size`` bytes.
  /// - Throws: `ByteReader.Malformed` if the edits are cut short or reach outside the page; edits
  ///   before the bad one have been applied then.
  public static func apply(
    _ edits: UnsafeRawBufferPointer, to page: UnsafeMutableRawBufferPointer
  ) throws(ByteReader.Malformed) {
    var reader = ByteReader(edits)
    while !reader.isAtEnd {
      switch try reader.readUInt8() {
      case write:
        let offset = Int(try reader.readUInt16())
        let count = Int(try reader.readUInt16())
        let bytes = try reader.readBytes(count)
        try check(offset, count, reader)
        UnsafeMutableRawBufferPointer(rebasing: page[offset..<offset + count])
          .copyMemory(from: bytes)
      case move:
        let source = Int(try reader.readUInt16())
        let target = Int(try reader.readUInt16())
        let count = Int(try reader.readUInt16())
        try check(source, count, reader)
        try check(target, count, reader)
        UnsafeMutableRawBufferPointer(rebasing: page[target..<target + count])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: page[source..<source + count]))
      case clear:
        UnsafeMutableRawBufferPointer(rebasing: page[Page.headerSize..<Page.size])
          .initializeMemory(as: UInt8.self, repeating: 0)
      default:
        throw ByteReader.Malformed(offset: reader.offset - 1, wanted: 1)
      }
    }
  }

  private static func check(
    _ offset: Int, _ count: Int, _ reader: ByteReader
  ) throws(ByteReader.Malformed) {
    guard offset >= Page.headerSize, offset + count <= Page.size else {
      throw ByteReader.Malformed(offset: reader.offset, wanted: count)
    }
  }
}
