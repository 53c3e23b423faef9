import Simulation

/// Which image should be in each slot of one extent of the page region, as it is on disk.
///
/// An image says itself which page it is and how new, and that is enough to know a damaged or misplaced
/// one when the slot is known from memory. It is not enough after a restart: when a page's newest image has
/// decayed, an older one that was not overwritten yet would look as good as new. The directory is what tells that
/// there was a newer one.
///
/// There are two places for it, written in turn. It is written at the beginning of the flush that makes the
/// images durable, and flushes do not overlap, so the place that is written is never that of the newest
/// durable version. A superblock says which version must be there at least.
///
/// ```
///   0       4     8        12        16           24        32
///   ├ magic ┼ CRC ┼ extent ┼ unused ─┼ generation ┼ version ┼ 256 × (LSN u64, page u32, unused u32)
/// ```
struct SlotDirectory {
  struct Entry: Equatable {
    /// Zero for a slot that was never used.
    var lsn = LSN.zero
    var page = PageNumber(0)
  }

  static let slots = 256
  private static let headerSize = 32
  private static let entrySize = 16
  private static let magic: UInt32 = 0xB08E_A151
  /// Bytes that one version occupies, and the space that is kept for it.
  private static let encodedSize = headerSize + slots * entrySize
  static let size = 8 * 1024
  static let places = 2

  private(set) var entries = Array(repeating: Entry(), count: slots)
  /// Counts what was written; zero before the first.
  private(set) var version: UInt64 = 0
  /// The newest version that is known to be durable.
  private(set) var durableVersion: UInt64 = 0
  private(set) var isChanged = false

  init() {}

  subscript(index: Int) -> Entry {
    get { entries[index] }
    set {
      entries[index] = newValue
      isChanged = true
    }
  }

  /// Encodes the next version.
  ///
  /// - Returns: what is written, and in which place.
  mutating func write(extent: Int, generation: UInt64) -> (bytes: [UInt8], place: Int) {
    version += 1
    isChanged = false
    var bytes = [UInt8](repeating: 0, count: Self.encodedSize)
    bytes.withUnsafeMutableBytes { bytes in
      bytes.store(Self.magic, at: 0)
      bytes.store(UInt32(extent), at: 8)
      bytes.store(generation, at: 16)
      bytes.store(version, at: 24)
      for (index, entry) in entries.enumerated() {
        bytes.store(entry.lsn.value, at: Self.headerSize + index * Self.entrySize)
        bytes.store(entry.page.value, at: Self.headerSize + index * Self.entrySize + 8)
      }
      bytes.store(Self.checksum(of: UnsafeRawBufferPointer(bytes)), at: 4)
    }
    return (bytes, Int(version % UInt64(Self.places)))
  }

  /// A flush has made the version durable that was written before it.
  mutating func noteDurable() { durableVersion = version }

  /// Reads what is in one place; `nil` if that is not whole, or belongs to another extent or generation.
  init?(_ bytes: UnsafeRawBufferPointer, extent: Int, generation: UInt64) {
    guard bytes.count >= Self.encodedSize else { return nil }
    let bytes = UnsafeRawBufferPointer(rebasing: bytes[..<Self.encodedSize])
    guard bytes.load(UInt32.self, at: 0) == Self.magic,
      bytes.load(UInt32.self, at: 8) == UInt32(extent),
      bytes.load(UInt64.self, at: 16) == generation,
      bytes.load(UInt32.self, at: 4) == Self.checksum(of: bytes)
    else { return nil }
    version = bytes.load(UInt64.self, at: 24)
    durableVersion = version
    for index in 0..<Self.slots {
      let offset = Self.headerSize + index * Self.entrySize
      entries[index].lsn = bytes.loadLSN(at: offset)
      entries[index].page = PageNumber(bytes.load(UInt32.self, at: offset + 8))
    }
  }

  private static func checksum(of bytes: UnsafeRawBufferPointer) -> UInt32 {
    Checksum.crc32(UnsafeRawBufferPointer(rebasing: bytes[8...]))
  }
}
