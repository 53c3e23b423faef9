public import Simulation

/// One redo record as it travels and as it lies in a log: a fixed header and the edits of one page.
///
/// ```
///   0     8            16               24     28      29       30      32
///   ├ LSN ┼ previous   ┼ previous       ┼ page ┼ flags ┼ unused ┼ count ┼ edits…
///          of the group  of the page
/// ```
///
/// The chain through the group lets a segment find holes; the chain through the page lets one page be
/// made on demand. The chain through the volume needs no field: LSNs have no holes.
///
/// Source: Verbitski et al., SIGMOD 2018, §3.2.
public struct LogRecord {
  public static let headerSize = 32

  public let lsn: LSN
  /// The previous record of the same protection group.
  public let previousInGroup: LSN
  /// The previous record of the same page.
  public let previousOfPage: LSN
  public let page: PageNumber
  /// Whether this record ends a mini-transaction: the log may be cut after it.
  public let isConsistencyPoint: Bool
  /// Where the edits lie in the buffer that the record was read from.
  public let edits: Range<Int>

  /// Header and edits together.
  public var encodedCount: Int { Self.headerSize + edits.count }

  /// Reads the record that begins at the reader's offset, and moves the reader behind it.
  public init(from reader: inout ByteReader) throws(ByteReader.Malformed) {
    lsn = LSN(try reader.readUInt64())
    previousInGroup = LSN(try reader.readUInt64())
    previousOfPage = LSN(try reader.readUInt64())
    page = PageNumber(try reader.readUInt32())
    isConsistencyPoint = try reader.readUInt8() & 1 != 0
    try reader.skip(1)
    let count = Int(try reader.readUInt16())
    edits = reader.offset..<reader.offset + count
    try reader.skip(count)
  }

  /// Appends an encoded record.
  ///
  /// - Precondition: at most 65,535 bytes of edits.
  static func encode(
    lsn: LSN, previousInGroup: LSN, previousOfPage: LSN, page: PageNumber,
    isConsistencyPoint: Bool, edits: UnsafeRawBufferPointer, into writer: inout ByteWriter
  ) {
    writer.append(lsn.value)
    writer.append(previousInGroup.value)
    writer.append(previousOfPage.value)
    writer.append(page.value)
    writer.append(isConsistencyPoint ? 1 : 0 as UInt8)
    writer.append(0 as UInt8)
    writer.append(UInt16(edits.count))
    writer.append(edits)
  }
}
