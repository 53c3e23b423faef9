import DequeModule
import Simulation

/// The hot log of a storage node: a ring of frames on disk, each holding one batch as it came.
///
/// ```
///        tail                                head
///   ──────┼───────┬─────────┬───────┬─────────┼────────────────
///    free │ frame │  frame  │ frame │  frame  │ free
///         └───────┴─────────┴───────┴─────────┘
///
///   frame   magic u32  length u32  position u64  generation u64  durable head u64  superblock u64
///           checksum of the batch u32  of the header u32  batch
/// ```
///
/// Positions count bytes since the beginning and never turn back; where they lie on disk is the
/// remainder. A frame carries its own position and the disk's generation, so that what an earlier lap left
/// behind, or an earlier life of the disk, cannot be taken for a frame of this one. A frame does not cross the
/// end of the region: a mark fills the rest.
///
/// Replay ends at the first frame that is not whole. That is where a crash cut the log, as a rule; but it
/// may be damage in the midst of what was acknowledged. So every frame tells what was known to be durable when
/// it was written: if any frame, wherever it is, tells of more than replay has found, then something that was
/// acknowledged is gone, and the node must not count as one that has it (see ``NodeRebuild``).
///
/// Space that is free again is discarded, but for the last of it: the frames next to the tail go on telling how far
/// the log had been durable, if a superblock is lost and its predecessor would have replay begin before them.
struct Journal {
  static let headerSize = 48
  /// Frames begin at multiples of this, in bytes, so that they can be looked for.
  static let alignment = 64
  private static let magic: UInt32 = 0x4C4F_4748
  private static let wrapLength = UInt32.max

  struct Frame {
    /// Of the frame and of what was left free in front of it, in bytes.
    fileprivate let length: UInt32
    fileprivate let owner: UInt32
    let last: LSN

    /// The copy that the batch belongs to, by the node's own count of its copies.
    var copy: Int { Int(owner) }
  }

  /// Bytes to be written at a place of the disk.
  struct Write {
    let offset: Int
    let bytes: [UInt8]
  }

  /// Where a batch goes, and the header that must be written before it.
  struct Placement {
    let headerOffset: Int
    let header: [UInt8]

    var batchOffset: Int { headerOffset + Journal.headerSize }
  }

  /// What a frame tells of the disk it is on.
  struct Claims: Equatable {
    /// Up to which position the journal was durable.
    var durableHead = 0
    /// The sequence number of the newest durable superblock.
    var superblock: UInt64 = 0

    mutating func add(_ other: Claims) {
      durableHead = max(durableHead, other.durableHead)
      superblock = max(superblock, other.superblock)
    }
  }

  /// Where the region begins on disk, and its size in bytes.
  let start: Int
  let size: Int
  /// Of the disk; see ``Superblock/generation``.
  let generation: UInt64
  /// What a frame that is written now can tell.
  var claims = Claims()
  /// Where the next frame goes.
  private(set) var head: Int
  /// Where replay would begin; what lies before may be overwritten.
  private(set) var tail: Int
  /// Where replay may begin once a superblock says so.
  private(set) var releasableTail: Int
  private var frames = Deque<Frame>()
  /// Up to where the last frame ends.
  private var framed: Int
  /// Up to where space that became free has been discarded.
  private var discarded: Int

  /// At least so much is kept of the free space in front of the tail, in bytes; and no less is discarded at once.
  private static let keptBehind = 64 * 1024

  init(start: Int, size: Int, tail: Int = 0, generation: UInt64 = 0) {
    (self.start, self.generation) = (start, generation)
    self.size = size / Self.alignment * Self.alignment
    (head, self.tail, releasableTail) = (tail, tail, tail)
    (framed, discarded) = (tail, tail)
  }

  /// Bytes between the releasable tail and the head.
  var used: Int { head - releasableTail }
  /// The oldest frame that is still needed.
  var oldest: Frame? { frames.first }

  func hasRoom(for count: Int) -> Bool {
    let length = Self.length(of: count)
    let rest = size - head % size
    return head + (length > rest ? rest : 0) + length - tail <= size
  }

  /// Bytes of a frame for a batch of `count` bytes.
  static func length(of count: Int) -> Int {
    (headerSize + count + alignment - 1) / alignment * alignment
  }

  /// Skips what is left of the region if a batch does not fit in.
  ///
  /// - Returns: the mark that says so, to be written.
  mutating func wrap(for count: Int) -> Write? {
    guard Self.length(of: count) > rest else { return nil }
    let mark = Write(offset: offset(of: head), bytes: header(Self.wrapLength, checksum: 0))
    head += rest
    return mark
  }

  /// Makes a frame for a batch.
  ///
  /// - Precondition: there is room, and ``wrap(for:)`` has been called.
  mutating func append(_ batch: [UInt8], of copy: Int, last: LSN) -> Placement {
    let length = Self.length(of: batch.count)
    precondition(head + length - tail <= size, "the journal has no room for \(batch.count) bytes")
    precondition(length <= rest, "a frame would cross the region's end")
    let checksum = batch.withUnsafeBytes { Message.checksum(of: $0) }
    let placement = Placement(
      headerOffset: offset(of: head), header: header(UInt32(batch.count), checksum: checksum))
    acceptFrame(count: batch.count, of: copy, last: last)
    return placement
  }

  /// Moves the releasable tail behind the frames in front that nobody needs.
  mutating func release(unless isNeeded: (Frame) -> Bool) {
    while let frame = frames.first, !isNeeded(frame) {
      frames.removeFirst()
      releasableTail += Int(frame.length)
    }
  }

  /// Gives space back: a durable superblock lets replay begin at `position`.
  mutating func free(upTo position: Int) { tail = max(tail, position) }

  /// The places on disk that nobody will look at again, each of them told once.
  mutating func takeDiscardable() -> [Range<Int>] {
    // What the head has reached in its next lap is in use.
    let start = max(discarded, head - size)
    let end = (tail / Self.keptBehind - 1) * Self.keptBehind
    guard end - start >= Self.keptBehind else { return [] }
    discarded = end
    let lap = max(start, end / size * size)
    return [start..<lap, lap..<end]
      .filter { !$0.isEmpty }
      .map { offset(of: $0.lowerBound)..<offset(of: $0.lowerBound) + $0.count }
  }

  // MARK: Replay

  enum Step {
    case frame([UInt8])
    /// Goes on at the beginning of the region.
    case wrap
    /// More bytes are needed to tell: so many from the head on.
    case needs(Int)
    case end
  }

  /// Bytes from the head to the end of the region.
  var rest: Int { size - head % size }
  var headOffset: Int { offset(of: head) }

  /// Looks for a frame at the head.
  ///
  /// - Parameter bytes: what the disk holds from the head on, not beyond the end of the region.
  func step(_ bytes: UnsafeRawBufferPointer) -> Step {
    guard bytes.count >= Self.headerSize else { return .needs(Self.headerSize) }
    guard isHeader(bytes), bytes.load(UInt64.self, at: 8) == UInt64(head) else { return .end }
    let length = bytes.load(UInt32.self, at: 4)
    if length == Self.wrapLength { return .wrap }
    let end = Self.headerSize + Int(length)
    guard Self.length(of: Int(length)) <= rest else { return .end }
    guard bytes.count >= end else { return .needs(end) }
    let batch = UnsafeRawBufferPointer(rebasing: bytes[Self.headerSize..<end])
    guard Message.isIntact(batch),
      Message.checksum(of: batch) == bytes.load(UInt32.self, at: 40)
    else { return .end }
    return .frame([UInt8](batch))
  }

  /// What the frames among `bytes` tell, whether or not they are whole behind their headers.
  ///
  /// - Parameter bytes: from a multiple of the alignment on.
  func claims(in bytes: UnsafeRawBufferPointer) -> Claims {
    var claims = Claims()
    var offset = 0
    while offset + Self.headerSize <= bytes.count {
      let header = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + Self.headerSize])
      if isHeader(header) {
        claims.add(
          Claims(
            durableHead: Int(header.load(UInt64.self, at: 24)),
            superblock: header.load(UInt64.self, at: 32)))
      }
      offset += Self.alignment
    }
    return claims
  }

  /// Whether the bytes begin with a frame's header, written by this generation.
  private func isHeader(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.load(UInt32.self, at: 0) == Self.magic && bytes.load(UInt64.self, at: 16) == generation
      && bytes.load(UInt32.self, at: 44)
        == Checksum.crc32(UnsafeRawBufferPointer(rebasing: bytes[0..<44]))
  }

  mutating func skipRest() { head += rest }

  /// Notes the frame at the head, written now or found by replay.
  mutating func acceptFrame(count: Int, of copy: Int, last: LSN) {
    head += Self.length(of: count)
    frames.append(Frame(length: UInt32(head - framed), owner: UInt32(copy), last: last))
    framed = head
  }

  private func offset(of position: Int) -> Int { start + position % size }

  private func header(_ length: UInt32, checksum: UInt32) -> [UInt8] {
    withUnsafeTemporaryAllocation(byteCount: Self.headerSize, alignment: 8) { bytes in
      bytes.store(Self.magic, at: 0)
      bytes.store(length, at: 4)
      bytes.store(UInt64(head), at: 8)
      bytes.store(generation, at: 16)
      bytes.store(UInt64(claims.durableHead), at: 24)
      bytes.store(claims.superblock, at: 32)
      bytes.store(checksum, at: 40)
      bytes.store(Checksum.crc32(UnsafeRawBufferPointer(rebasing: bytes[0..<44])), at: 44)
      return [UInt8](bytes)
    }
  }
}
