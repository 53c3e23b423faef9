/// A buffer of messages under construction, with what both ends need to write one.
///
/// It writes into an array that it keeps, at a place that it counts itself, and hands out copies of
/// just the size: appending to a fresh array for every response took twice as long.
struct MessageWriter: Sendable {
  /// The first ``count`` bytes are written, the rest is room.
  private var storage = [UInt8](repeating: 0, count: 512)
  private(set) var count = 0
  private var start = 0
  /// Where values are put together whose length is not known before.
  private var scratch: [UInt8] = []

  /// Above this many bytes the array itself is handed over.
  private static let copyLimit = 1 << 16

  /// Hands over what has been written.
  mutating func take() -> [UInt8] {
    defer { count = 0 }
    guard count > Self.copyLimit else { return Array(storage[..<count]) }
    var taken = [UInt8](repeating: 0, count: 512)
    swap(&taken, &storage)
    taken.removeLast(taken.count - count)
    return taken
  }

  /// Begins a message; the length is filled in by ``end()``.
  mutating func begin(_ type: UInt8) {
    byte(type)
    beginUntyped()
  }

  /// Begins a packet without a type.
  mutating func beginUntyped() {
    start = count
    store(UInt32(0))
  }

  mutating func end() {
    let length = UInt32(count - start).bigEndian
    storage.withUnsafeMutableBytes {
      $0.storeBytes(of: length, toByteOffset: start, as: UInt32.self)
    }
  }

  /// A message that is nothing but its type.
  mutating func empty(_ type: UInt8) {
    byte(type)
    store(UInt32(4).bigEndian)
  }

  mutating func byte(_ value: UInt8) { store(value) }
  mutating func int16(_ value: Int16) { store(value.bigEndian) }
  mutating func int32(_ value: Int32) { store(value.bigEndian) }
  mutating func uint32(_ value: UInt32) { store(value.bigEndian) }

  mutating func bytes(_ value: ArraySlice<UInt8>) {
    value.withUnsafeBytes { copy($0) }
  }

  mutating func bytes(_ value: [UInt8]) {
    value.withUnsafeBytes { copy($0) }
  }

  /// Text and the zero byte that ends it; a zero byte inside would end it too, and does.
  mutating func text(_ value: String) {
    if !value.isEmpty { utf8(value, until: 0) }
    byte(0)
  }

  mutating func utf8(_ value: StaticString) {
    copy(UnsafeRawBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount))
  }

  /// A number in decimal, without a text of its own.
  mutating func decimal(_ value: Int) {
    if value < 0 { byte(UInt8(ascii: "-")) }
    var divisor: UInt = 1
    let magnitude = value.magnitude
    while magnitude / divisor >= 10 { divisor *= 10 }
    while divisor > 0 {
      byte(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: magnitude / divisor % 10))
      divisor /= 10
    }
  }

  /// A count in 16 bits.
  ///
  /// - Precondition: at most 65,535, the protocol's limit.
  mutating func count(_ value: Int) {
    precondition(value <= UInt16.max, "a message cannot carry \(value) values")
    store(UInt16(value).bigEndian)
  }

  mutating func formats(_ formats: FormatCodes) {
    count(formats.count)
    for index in 0..<formats.count { int16(formats[index].rawValue) }
  }

  mutating func null() { int32(-1) }

  mutating func field(_ value: ArraySlice<UInt8>) {
    int32(Int32(value.count))
    bytes(value)
  }

  mutating func field(text: String) {
    int32(Int32(text.utf8.count))
    utf8(text)
  }

  /// A value with its length before it, which `body` appends to an array.
  mutating func field(_ body: (inout [UInt8]) -> Void) {
    scratch.removeAll(keepingCapacity: true)
    body(&scratch)
    int32(Int32(scratch.count))
    bytes(scratch)
  }

  /// The bytes of a text, or those before the first `terminator`.
  private mutating func utf8(_ value: String, until terminator: UInt8? = nil) {
    var value = value
    let before = count
    value.withUTF8 { copy(UnsafeRawBufferPointer($0)) }
    guard let terminator else { return }
    if let end = storage[before..<count].firstIndex(of: terminator) { count = end }
  }

  @inline(__always)
  private mutating func store<Integer: FixedWidthInteger & BitwiseCopyable>(_ value: Integer) {
    let size = MemoryLayout<Integer>.size
    if storage.count - count < size { grow(by: size) }
    storage.withUnsafeMutableBytes {
      $0.storeBytes(of: value, toByteOffset: count, as: Integer.self)
    }
    count += size
  }

  private mutating func copy(_ source: UnsafeRawBufferPointer) {
    if source.isEmpty { return }
    if storage.count - count < source.count { grow(by: source.count) }
    storage.withUnsafeMutableBytes {
      UnsafeMutableRawBufferPointer(rebasing: $0[count..<count + source.count])
        .copyMemory(from: source)
    }
    count += source.count
  }

  @inline(never)
  private mutating func grow(by size: Int) {
    storage.append(contentsOf: repeatElement(0, count: max(size, storage.count)))
  }
}
