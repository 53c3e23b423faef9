import Volume

/// A page in memory: 16 KiB that stay where they are for as long as the buffer pool keeps them.
///
/// The handle is one pointer; a few words for the pool's bookkeeping lie in front of the page. Code
/// that awaits must look the page up again: the frame may hold another page by then.
struct Frame: Equatable {
  private static let prefix = 64

  /// The first byte of the page.
  let bytes: UnsafeMutableRawPointer

  static func allocate() -> Frame {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: prefix + Page.size, alignment: 64)
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: prefix)
    return Frame(bytes: memory + prefix)
  }

  func deallocate() { (bytes - Self.prefix).deallocate() }

  /// The page that the frame holds.
  var page: PageNumber {
    get { PageNumber((bytes - 64).load(as: UInt32.self)) }
    nonmutating set { (bytes - 64).storeBytes(of: newValue.value, as: UInt32.self) }
  }

  /// How many reasons there are to keep the page whatever happens.
  var pinCount: UInt32 {
    get { (bytes - 60).load(as: UInt32.self) }
    nonmutating set { (bytes - 60).storeBytes(of: newValue, as: UInt32.self) }
  }

  /// Set at each use, cleared as the clock's hand passes.
  var isReferenced: Bool {
    get { (bytes - 56).load(as: UInt8.self) != 0 }
    nonmutating set { (bytes - 56).storeBytes(of: newValue ? 1 : 0, as: UInt8.self) }
  }

  /// The place of the frame in the pool's list.
  var index: Int {
    get { Int((bytes - 48).load(as: Int64.self)) }
    nonmutating set { (bytes - 48).storeBytes(of: Int64(newValue), as: Int64.self) }
  }

  var buffer: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: bytes, count: Page.size)
  }

  /// The LSN of the last record that changed the page.
  var lsn: LSN {
    @inline(__always) get { LSN(load(UInt64.self, at: 0)) }
    nonmutating set { bytes.storeBytes(of: newValue.value.littleEndian, as: UInt64.self) }
  }

  var kind: PageKind? { PageKind(rawValue: load(UInt8.self, at: PageOffset.kind)) }
  var left: PageNumber { PageNumber(load(UInt32.self, at: PageOffset.left)) }
  var right: PageNumber { PageNumber(load(UInt32.self, at: PageOffset.right)) }
  var owner: UInt32 { load(UInt32.self, at: PageOffset.owner) }

  /// A little-endian integer on the page.
  @inline(__always)
  func load<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ type: Integer.Type, at offset: Int
  ) -> Integer {
    Integer(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
  }

  /// `count` bytes of the page, where they lie.
  @inline(__always)
  func slice(_ offset: Int, _ count: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: bytes + offset, count: count)
  }
}
