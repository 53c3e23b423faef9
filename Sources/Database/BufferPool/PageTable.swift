import Volume

/// Which frame holds a page: an array of arrays, as page numbers are dense.
///
/// A lookup is two loads; a chunk of 1,024 entries takes 8 KiB once any of its pages has been in memory.
struct PageTable: ~Copyable {
  private static let chunkBits: UInt32 = 10
  private static let chunkSize = 1 << Int(chunkBits)

  private var chunks: [UnsafeMutablePointer<UnsafeMutableRawPointer?>?] = []

  deinit { for chunk in chunks { chunk?.deallocate() } }

  @inline(__always)
  func frame(of page: PageNumber) -> Frame? {
    let index = Int(page.value >> Self.chunkBits)
    guard index < chunks.count, let chunk = chunks[index] else { return nil }
    return chunk[Int(page.value) & (Self.chunkSize - 1)].map { Frame(bytes: $0) }
  }

  mutating func set(_ frame: Frame?, for page: PageNumber) {
    let index = Int(page.value >> Self.chunkBits)
    while chunks.count <= index { chunks.append(nil) }
    let chunk: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    if let present = chunks[index] {
      chunk = present
    } else {
      chunk = .allocate(capacity: Self.chunkSize)
      chunk.initialize(repeating: nil, count: Self.chunkSize)
      chunks[index] = chunk
    }
    chunk[Int(page.value) & (Self.chunkSize - 1)] = frame?.bytes
  }
}
