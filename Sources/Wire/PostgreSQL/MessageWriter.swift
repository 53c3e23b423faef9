internal import Simulation

/// A buffer of messages under construction, with what both ends need to write one.
struct MessageWriter: Sendable {
  private var output = ByteWriter()
  private var start = 0

  var count: Int { output.count }

  /// Hands over what has been written.
  mutating func take() -> [UInt8] { output.take() }

  /// Begins a message; the length is filled in by ``end()``.
  mutating func begin(_ type: UInt8) {
    // One allocation serves most responses whole.
    if output.count == 0 { output = ByteWriter(capacity: 256) }
    output.append(type)
    start = output.count
    output.append(bigEndian: UInt32(0))
  }

  /// Begins a packet without a type.
  mutating func beginUntyped() {
    start = output.count
    output.append(bigEndian: UInt32(0))
  }

  mutating func end() {
    output.overwrite(at: start, withBigEndian: UInt32(output.count - start))
  }

  /// A message that is nothing but its type.
  mutating func empty(_ type: UInt8) {
    begin(type)
    end()
  }

  mutating func byte(_ value: UInt8) { output.append(value) }
  mutating func int16(_ value: Int16) { output.append(bigEndian: value) }
  mutating func int32(_ value: Int32) { output.append(bigEndian: value) }
  mutating func uint32(_ value: UInt32) { output.append(bigEndian: value) }
  mutating func bytes(_ value: ArraySlice<UInt8>) { output.append(value) }
  mutating func bytes(_ value: [UInt8]) { output.append(value) }

  /// Text and the zero byte that ends it; a zero byte inside would end it too, and does.
  mutating func text(_ value: String) {
    if value.utf8.contains(0) {
      output.append([UInt8](value.utf8.prefix { $0 != 0 }))
    } else {
      output.append(utf8: value)
    }
    output.append(UInt8(0))
  }

  mutating func utf8(_ value: StaticString) {
    output.append(
      UnsafeRawBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount))
  }

  /// A number in decimal, without a text of its own.
  mutating func decimal(_ value: Int) {
    if value < 0 { output.append(UInt8(ascii: "-")) }
    var divisor: UInt = 1
    let magnitude = value.magnitude
    while magnitude / divisor >= 10 { divisor *= 10 }
    while divisor > 0 {
      output.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: magnitude / divisor % 10))
      divisor /= 10
    }
  }

  /// A count in 16 bits.
  ///
  /// - Precondition: at most 65,535, the protocol's limit.
  mutating func count(_ value: Int) {
    precondition(value <= UInt16.max, "a message cannot carry \(value) values")
    output.append(bigEndian: UInt16(value))
  }

  mutating func formats(_ formats: FormatCodes) {
    count(formats.count)
    for index in 0..<formats.count { int16(formats[index].rawValue) }
  }

  mutating func null() { output.append(bigEndian: Int32(-1)) }

  mutating func field(_ value: ArraySlice<UInt8>) {
    output.append(bigEndian: Int32(value.count))
    output.append(value)
  }

  /// A value with its length before it, written in place by `body`.
  mutating func field(_ body: (inout [UInt8]) -> Void) {
    let start = output.count
    output.append(bigEndian: Int32(0))
    // The array moves out and back in; nothing is copied.
    var bytes = output.take()
    body(&bytes)
    output = ByteWriter(appendingTo: bytes)
    output.overwrite(at: start, withBigEndian: UInt32(output.count - start - 4))
  }

  mutating func fields(_ fields: MessageFields) {
    for field in fields {
      if let field { self.field(field) } else { null() }
    }
  }
}
