/// What is on a disk: the bytes that were written, and zeroes where there were none.
///
/// ```
///   blank chunk │ pieces  ├ a write ┤├ another ┤      ├ a third ┤ │ plain bytes, 64 KiB
///               │         each one the array that was written      │
/// ```
///
/// Most of a storage node's disk is a log, written once and in order, and six nodes write the same batches. So a
/// chunk keeps the arrays themselves, one behind the other, and all six share one. What is written over
/// a whole piece takes its place; over a part of one, it makes plain bytes of the chunk.
struct Medium {
  static let chunkSize = 64 * 1024

  fileprivate struct Piece {
    let start: Int
    let bytes: [UInt8]

    var end: Int { start + bytes.count }
  }

  fileprivate struct Chunk {
    /// In ascending order; they do not overlap.
    var pieces: [Piece] = []
    /// In place of pieces; empty if there are some.
    var plain: [UInt8] = []

    var isBlank: Bool { pieces.isEmpty && plain.isEmpty }
  }

  private var chunks: [Chunk] = []

  // MARK: Writing

  /// Puts bytes in their place; nothing is copied unless they cross the end of a chunk.
  mutating func store(_ bytes: consuming [UInt8], at offset: Int) {
    let start = offset % Self.chunkSize
    let count = bytes.count
    if count > 0, start + count <= Self.chunkSize {
      return put(Piece(start: start, bytes: bytes), into: offset / Self.chunkSize)
    }
    let whole = bytes
    Self.divide(offset..<offset + count) { chunk, range, position in
      let part = Array(whole[position..<position + range.count])
      put(Piece(start: range.lowerBound, bytes: part), into: chunk)
    }
  }

  private mutating func put(_ piece: consuming Piece, into chunk: Int) {
    while chunks.count <= chunk { chunks.append(Chunk()) }
    chunks[chunk].put(piece)
  }

  /// Forgets what is in a range: it reads as zeroes again.
  mutating func discard(_ range: Range<Int>) {
    Self.divide(range) { chunk, range, _ in
      if chunk < chunks.count { chunks[chunk].discard(range) }
    }
  }

  // MARK: Reading

  /// What a range holds, if that was written as one array and is still whole: the array itself, nothing is copied.
  func piece(_ range: Range<Int>) -> [UInt8]? {
    let (chunk, start) = (range.lowerBound / Self.chunkSize, range.lowerBound % Self.chunkSize)
    return chunk < chunks.count ? chunks[chunk].piece(start..<start + range.count) : nil
  }

  /// Copies what lies from `offset` on into a buffer of zeroes.
  func read(into target: UnsafeMutableRawBufferPointer, at offset: Int) {
    Self.divide(offset..<offset + target.count) { chunk, range, position in
      guard chunk < chunks.count else { return }
      chunks[chunk].read(
        range,
        into: UnsafeMutableRawBufferPointer(
          rebasing: target[position..<position + range.count]))
    }
  }

  /// The chunks in which something is.
  var written: [Int] { chunks.indices.filter { !chunks[$0].isBlank } }

  /// Flips bits of one byte.
  ///
  /// - Parameter byte: counted from the start of the chunk.
  mutating func flip(_ bits: UInt8, ofByte byte: Int, in chunk: Int) {
    chunks[chunk].flatten()
    chunks[chunk].plain[byte] ^= bits
  }

  /// Calls `body` for each chunk that a range touches: with the part of the chunk, and where that begins in
  /// the range.
  private static func divide(_ whole: Range<Int>, _ body: (Int, Range<Int>, Int) -> Void) {
    var position = whole.lowerBound
    while position < whole.upperBound {
      let start = position % chunkSize
      let count = min(chunkSize - start, whole.upperBound - position)
      body(position / chunkSize, start..<start + count, position - whole.lowerBound)
      position += count
    }
  }
}

extension Medium.Chunk {
  fileprivate mutating func put(_ piece: consuming Medium.Piece) {
    guard plain.isEmpty else { return overwrite(piece) }
    let range = piece.start..<piece.end
    if range.lowerBound >= pieces.last?.end ?? 0 { return pieces.append(piece) }
    let touched = touched(by: range)
    if touched.count == 1, cutsNone(of: touched, range) {
      pieces[touched.lowerBound] = piece
    } else if cutsNone(of: touched, range) {
      pieces.replaceSubrange(touched, with: CollectionOfOne(piece))
    } else {
      flatten()
      overwrite(piece)
    }
  }

  fileprivate mutating func discard(_ range: Range<Int>) {
    if range.count == Medium.chunkSize {
      self = Medium.Chunk()
      return
    }
    let touched = touched(by: range)
    if plain.isEmpty, cutsNone(of: touched, range) {
      pieces.removeSubrange(touched)
    } else {
      flatten()
      plain.replaceSubrange(range, with: repeatElement(0, count: range.count))
    }
  }

  fileprivate func piece(_ range: Range<Int>) -> [UInt8]? {
    let touched = touched(by: range)
    guard touched.count == 1, pieces[touched.lowerBound].start == range.lowerBound,
      pieces[touched.lowerBound].end == range.upperBound
    else { return nil }
    return pieces[touched.lowerBound].bytes
  }

  fileprivate func read(_ range: Range<Int>, into target: UnsafeMutableRawBufferPointer) {
    if !plain.isEmpty {
      plain.withUnsafeBytes { target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[range])) }
    }
    for piece in pieces[touched(by: range)] {
      let low = max(range.lowerBound, piece.start)
      let high = min(range.upperBound, piece.end)
      piece.bytes.withUnsafeBytes {
        UnsafeMutableRawBufferPointer(rebasing: target[(low - range.lowerBound)...])
          .copyMemory(
            from: UnsafeRawBufferPointer(rebasing: $0[low - piece.start..<high - piece.start]))
      }
    }
  }

  /// Makes plain bytes of the pieces.
  fileprivate mutating func flatten() {
    guard plain.isEmpty else { return }
    let before = pieces
    pieces = []
    plain = [UInt8](repeating: 0, count: Medium.chunkSize)
    for piece in before { overwrite(piece) }
  }

  private mutating func overwrite(_ piece: Medium.Piece) {
    plain.withUnsafeMutableBytes { target in
      piece.bytes.withUnsafeBytes {
        UnsafeMutableRawBufferPointer(rebasing: target[piece.start...]).copyMemory(from: $0)
      }
    }
  }

  /// The pieces of which some part lies in a range.
  private func touched(by range: Range<Int>) -> Range<Int> {
    var low = 0
    var high = pieces.count
    while low < high {
      let middle = low + (high - low) / 2
      if pieces[middle].end <= range.lowerBound { low = middle + 1 } else { high = middle }
    }
    while high < pieces.count, pieces[high].start < range.upperBound { high += 1 }
    return low..<high
  }

  /// Whether each of some pieces lies in a range as a whole.
  private func cutsNone(of touched: Range<Int>, _ range: Range<Int>) -> Bool {
    guard let first = pieces[touched].first, let last = pieces[touched].last else { return true }
    return first.start >= range.lowerBound && last.end <= range.upperBound
  }
}
