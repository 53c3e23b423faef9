import Simulation

/// What a storage node must know before it reads anything else of its disk.
///
/// The first one is put on the disk when the volume is created, before anything runs: a disk without any has
/// lost what it held. There are three places for it, and in each it is written twice, so that one that decays
/// has a twin; each says where it belongs. Never written are the one that holds the newest superblock known to
/// be durable, and the one that a flush is making durable, so that a loss of power in the middle of
/// writing leaves a whole one.
struct Superblock: Equatable {
  struct Copy: Equatable {
    var group = 0
    var promised = VolumeEpoch.none
    var history = TruncationHistory()
    var volumeDurableLSN = LSN.zero
    var minimumReadPoint = LSN.zero
    /// Records at or below this LSN are in page images.
    var floor = LSN.zero
    /// Whether the copy has all that it ever acknowledged; see ``Refill``.
    var remembers = true
  }

  /// Counts the superblocks that this disk has had.
  var sequence: UInt64 = 0
  /// When this disk was found blank and put to use, in nanoseconds; zero for the one with which the volume
  /// was created.
  var generation: UInt64 = 0
  /// Where in the journal replay begins, in bytes since the journal's beginning.
  var journalTail = 0
  /// Up to where the journal was durable when this was written.
  var journalHead = 0
  /// The durable version of each extent's directory when this was written; there are no other extents.
  var directoryVersions: [UInt64] = []
  var copies: [Copy] = []

  /// The space for one superblock with its twin, in bytes.
  static let size = 256 * 1024
  static let places = 3
  /// Where a place's two superblocks begin, in bytes from the beginning of the disk.
  static func offsets(of place: Int) -> [Int] { [place * size, place * size + size / 2] }
  private static let magic: UInt32 = 0xB08E_A115

  /// What is written at `offset`.
  ///
  /// - Precondition: the superblock fits into its space.
  func encoded(at offset: Int) -> [UInt8] {
    var writer = ByteWriter(capacity: 256)
    writer.append(Self.magic)
    writer.append(0 as UInt32)
    writer.append(0 as UInt32)
    writer.append(UInt32(offset))
    writer.append(sequence)
    writer.append(generation)
    writer.append(UInt64(journalTail))
    writer.append(UInt64(journalHead))
    writer.append(UInt32(directoryVersions.count))
    for version in directoryVersions { writer.append(version) }
    writer.append(UInt16(copies.count))
    for copy in copies {
      writer.append(UInt16(copy.group))
      writer.append(copy.promised.number)
      writer.append(copy.promised.opener)
      writer.append(copy.history.epoch.number)
      writer.append(copy.history.epoch.opener)
      RecoveryMessages.append(copy.history.ranges, to: &writer)
      writer.append(copy.volumeDurableLSN)
      writer.append(copy.minimumReadPoint)
      writer.append(copy.floor)
      writer.append(copy.remembers ? 1 as UInt8 : 0)
    }
    precondition(
      writer.count <= Self.size / 2, "a superblock of \(writer.count) bytes is too large")
    writer.overwrite(at: 4, with: UInt32(writer.count))
    let sum = Self.checksum(of: writer.bytes, count: writer.count)
    writer.overwrite(at: 8, with: sum)
    return writer.take()
  }

  /// Reads a superblock; `nil` if there is none, not a whole one, or one that belongs elsewhere.
  init?(_ bytes: [UInt8], at offset: Int) {
    let isWhole = bytes.withUnsafeBytes {
      guard $0.count >= 12, $0.load(UInt32.self, at: 0) == Self.magic else { return false }
      let count = Int($0.load(UInt32.self, at: 4))
      guard count >= 12, count <= $0.count else { return false }
      return $0.load(UInt32.self, at: 8) == Self.checksum(of: bytes, count: count)
    }
    guard isWhole else { return nil }
    let contents = bytes.withUnsafeBytes { bytes -> Superblock? in
      var reader = ByteReader(bytes, at: 12)
      do { return try Superblock(from: &reader, at: offset) } catch { return nil }
    }
    guard let contents else { return nil }
    self = contents
  }

  /// Whether this one was written later.
  func isNewer(than other: Superblock) -> Bool {
    (generation, sequence) > (other.generation, other.sequence)
  }

  private init(from reader: inout ByteReader, at offset: Int) throws(ByteReader.Malformed) {
    guard Int(try reader.readUInt32()) == offset else {
      throw ByteReader.Malformed(offset: 12, wanted: 4)
    }
    sequence = try reader.readUInt64()
    generation = try reader.readUInt64()
    journalTail = Int(try reader.readUInt64())
    journalHead = Int(try reader.readUInt64())
    for _ in 0..<(try reader.readUInt32()) { directoryVersions.append(try reader.readUInt64()) }
    for _ in 0..<(try reader.readUInt16()) {
      var copy = Copy()
      copy.group = Int(try reader.readUInt16())
      copy.promised = try reader.readEpoch()
      let epoch = try reader.readEpoch()
      copy.history = TruncationHistory(
        epoch: epoch, ranges: try RecoveryMessages.readRanges(&reader))
      copy.volumeDurableLSN = try reader.readLSN()
      copy.minimumReadPoint = try reader.readLSN()
      copy.floor = try reader.readLSN()
      copy.remembers = try reader.readUInt8() != 0
      copies.append(copy)
    }
  }

  init() {}

  private static func checksum(of bytes: [UInt8], count: Int) -> UInt32 {
    bytes.withUnsafeBytes {
      let head = Checksum.crc32(UnsafeRawBufferPointer(rebasing: $0[0..<8]))
      return Checksum.crc32(UnsafeRawBufferPointer(rebasing: $0[12..<count]), seed: head)
    }
  }
}
