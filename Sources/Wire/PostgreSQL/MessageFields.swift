/// The parameters of a Bind or the columns of a DataRow: byte strings, or null.
///
/// They stay in the piece of the stream in which they arrived. The decoder has checked their
/// lengths, so that walking them can neither fail nor allocate.
public struct MessageFields: Sequence, Sendable {
  private let bytes: [UInt8]
  private let start: Int
  public let count: Int

  /// - Precondition: from `start` on there are `count` values, each with its length before it.
  init(bytes: [UInt8], start: Int, count: Int) {
    (self.bytes, self.start, self.count) = (bytes, start, count)
  }

  /// Lays out values as a message would carry them.
  public init(_ values: [[UInt8]?]) {
    var bytes: [UInt8] = []
    for value in values {
      let length = UInt32(bitPattern: value.map { Int32($0.count) } ?? -1)
      for shift in [24, 16, 8, 0] as [UInt32] {
        bytes.append(UInt8(truncatingIfNeeded: length >> shift))
      }
      if let value { bytes += value }
    }
    self.init(bytes: bytes, start: 0, count: values.count)
  }

  public struct Iterator: IteratorProtocol {
    fileprivate let bytes: [UInt8]
    fileprivate var offset: Int
    fileprivate var left: Int

    /// The next value, `.some(nil)` for null; `nil` at the end.
    public mutating func next() -> ArraySlice<UInt8>?? {
      if left == 0 { return nil }
      left -= 1
      let high = UInt32(bytes[offset]) << 24 | UInt32(bytes[offset + 1]) << 16
      let low = UInt32(bytes[offset + 2]) << 8 | UInt32(bytes[offset + 3])
      let length = Int(Int32(bitPattern: high | low))
      offset += 4
      if length < 0 { return .some(nil) }
      defer { offset += length }
      return bytes[offset..<offset + length]
    }
  }

  public func makeIterator() -> Iterator { Iterator(bytes: bytes, offset: start, left: count) }

  public var underestimatedCount: Int { count }

  /// One value; `nil` for null. O(index).
  ///
  /// - Precondition: `0..<count` contains `index`.
  public subscript(index: Int) -> ArraySlice<UInt8>? {
    precondition(index >= 0 && index < count, "field \(index) of \(count)")
    var iterator = makeIterator()
    for _ in 0..<index { _ = iterator.next() }
    return iterator.next() ?? nil
  }

  /// One value as text, invalid bytes replaced; `nil` for null. O(index).
  ///
  /// - Precondition: `0..<count` contains `index`.
  public func text(at index: Int) -> String? {
    self[index].map { String(decoding: $0, as: UTF8.self) }
  }
}

extension MessageFields: Hashable {
  public static func == (lhs: Self, rhs: Self) -> Bool {
    lhs.count == rhs.count && lhs.elementsEqual(rhs)
  }

  public func hash(into hasher: inout Hasher) {
    for value in self { hasher.combine(value) }
  }
}
