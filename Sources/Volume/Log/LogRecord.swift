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

  /// Reads the record that begins at `offset` of a buffer; `nil` if the buffer is cut short.
  @inline(__always)
  public init?(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
    guard offset + Self.headerSize <= bytes.count else { return nil }
    lsn = bytes.loadLSN(at: offset)
    previousInGroup = bytes.loadLSN(at: offset + 8)
    previousOfPage = bytes.loadLSN(at: offset + 16)
    let rest = bytes.load(UInt64.self, at: offset + 24)
    page = PageNumber(UInt32(truncatingIfNeeded: rest))
    isConsistencyPoint = rest >> 32 & 1 != 0
    let start = offset + Self.headerSize
    edits = start..<start + Int(rest >> 48)
    guard edits.upperBound <= bytes.count else { return nil }
  }

  /// As ``previousOfPage`` of the record at `offset`, which is known to be whole.
  @inline(__always)
  static func previousOfPage(in bytes: UnsafeRawBufferPointer, at offset: Int) -> LSN {
    bytes.loadLSN(at: offset + 16)
  }

  /// The LSN of the last of the records that are encoded one after another in `bytes`.
  ///
  /// - Throws: `ByteReader.Malformed` if they are cut short.
  public static func lastLSN(
    in bytes: UnsafeRawBufferPointer
  ) throws(ByteReader.Malformed) -> LSN {
    var last = LSN.zero
    var offset = 0
    while offset < bytes.count {
      guard let record = LogRecord(bytes, at: offset) else {
        throw ByteReader.Malformed(offset: offset, wanted: headerSize)
      }
      last = record.lsn
      offset = record.edits.upperBound
    }
    return last
  }

  /// Encodes a record.
  ///
  /// - Precondition: `target` has room for exactly that; at most 65,535 bytes of edits.
  @inline(__always)
  static func encode(
    lsn: LSN, previousInGroup: LSN, previousOfPage: LSN, page: PageNumber,
    isConsistencyPoint: Bool, edits: UnsafeRawBufferPointer,
    into target: UnsafeMutableRawBufferPointer
  ) {
    precondition(edits.count <= 65_535, "\(edits.count) bytes of edits in one record of \(page)")
    precondition(target.count == headerSize + edits.count, "a record of another size")
    target.store(lsn.value, at: 0)
    target.store(previousInGroup.value, at: 8)
    target.store(previousOfPage.value, at: 16)
    target.store(
      UInt64(page.value) | (isConsistencyPoint ? 1 << 32 : 0) | UInt64(edits.count) << 48, at: 24)
    UnsafeMutableRawBufferPointer(rebasing: target[headerSize...]).copyMemory(from: edits)
  }
}
