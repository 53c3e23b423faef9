import CKernel

/// The tasks of a loop, each in a place of its own: one cache line, which does not move however many are added, since
/// the runtime and what waits keep its address.
struct TaskTable: ~Copyable {
  typealias Reference = UnsafeMutablePointer<borealis_task>

  private var chunks: [Reference] = []
  /// Places that were ever filled.
  private var extent = 0
  private var firstFree: Reference?

  private static let chunkBits = 8
  private static let line = 64

  init() {}

  deinit {
    for chunk in chunks { chunk.deallocate() }
  }

  /// A place for one more task.
  mutating func take() -> Reference {
    if let place = firstFree {
      firstFree = place.pointee.next
      return place
    }
    if extent == chunks.count << Self.chunkBits { addChunk() }
    let place = self[UInt32(extent)]
    place.initialize(to: borealis_task())
    place.pointee.index = UInt32(extent)
    extent += 1
    return place
  }

  mutating func leave(_ place: Reference) {
    place.pointee.next = firstFree
    firstFree = place
  }

  /// - Precondition: the place has been filled.
  @inline(__always)
  subscript(index: UInt32) -> Reference {
    chunks[Int(index) >> Self.chunkBits] + (Int(index) & (1 << Self.chunkBits - 1))
  }

  /// Visits all places that were ever filled, in their order.
  func visit(_ body: (Reference) -> Void) {
    for index in 0..<extent { body(self[UInt32(index)]) }
  }

  private mutating func addChunk() {
    precondition(MemoryLayout<borealis_task>.stride == Self.line)
    chunks.append(
      UnsafeMutableRawPointer.allocate(
        byteCount: Self.line << Self.chunkBits, alignment: Self.line
      ).bindMemory(to: borealis_task.self, capacity: 1 << Self.chunkBits))
  }
}
