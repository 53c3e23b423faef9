/// Bytes that are put together piece by piece and then copied out as a whole; it is filled again and again,
/// and keeps its memory.
///
/// Records and frames are made of many small pieces. To append each of them to an array costs more than a
/// hundred instructions; here it is one look at the room that is left, and stores.
public struct GatheringBuffer: Sendable {
  @usableFromInline var storage: [UInt8]
  /// Bytes that have been gathered.
  public private(set) var count = 0

  public init(capacity: Int = 256) { storage = [UInt8](repeating: 0, count: capacity) }

  /// Appends `size` bytes.
  ///
  /// - Parameter fill: writes all of them; what was there before is without meaning.
  @inlinable @inline(__always)
  public mutating func append(_ size: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) {
    let start = reserve(size)
    storage.withUnsafeMutableBytes {
      fill(UnsafeMutableRawBufferPointer(rebasing: $0[start..<start + size]))
    }
  }

  public mutating func append(_ bytes: UnsafeRawBufferPointer) {
    append(bytes.count) { $0.copyMemory(from: bytes) }
  }

  /// Forgets what was gathered after the first `count` bytes.
  public mutating func removeAll(after count: Int = 0) { self.count = count }

  /// What was gathered, in an array of its own size.
  public func copy() -> [UInt8] { withUnsafeBytes { [UInt8]($0) } }

  @inline(__always)
  func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    storage.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
  }

  /// Makes room for `size` more bytes, and counts them.
  ///
  /// - Returns: where they begin.
  @usableFromInline
  mutating func reserve(_ size: Int) -> Int {
    let start = count
    count += size
    if count > storage.count {
      storage.append(contentsOf: repeatElement(0, count: max(count - storage.count, storage.count)))
    }
    return start
  }
}
