/// Gathers the pieces of a stream and cuts it into frames.
///
/// A piece that begins a frame is kept as it is, without a copy, and so are the messages cut from
/// it; only a frame that arrives in several pieces is put together.
struct MessageBuffer {
  private(set) var bytes: [UInt8] = []
  private(set) var position = 0

  /// Bytes that have arrived and are in no frame yet.
  var available: Int { bytes.count - position }

  mutating func feed(_ piece: [UInt8]) {
    if position == bytes.count {
      bytes = piece
    } else if position == 0 {
      bytes.append(contentsOf: piece)
    } else {
      // Messages may still hold the old array, so what is left of it moves to a new one.
      var rest: [UInt8] = []
      rest.reserveCapacity(available + piece.count)
      rest.append(contentsOf: bytes[position...])
      rest.append(contentsOf: piece)
      bytes = rest
    }
    if position > 0 { position = 0 }
  }

  /// - Precondition: `offset < available`
  func byte(at offset: Int) -> UInt8 { bytes[position + offset] }

  /// A big-endian integer.
  ///
  /// - Precondition: `offset + 4 <= available`
  func int32(at offset: Int) -> Int32 {
    let start = position + offset
    let high = UInt32(bytes[start]) << 24 | UInt32(bytes[start + 1]) << 16
    return Int32(bitPattern: high | UInt32(bytes[start + 2]) << 8 | UInt32(bytes[start + 3]))
  }

  mutating func skip(_ count: Int) { position += count }

  /// Cuts a frame off the front.
  ///
  /// - Parameters:
  ///   - header: bytes before the body, which are dropped.
  ///   - total: the whole frame; at least `header`, at most ``available``.
  ///   - type: what its errors say it is.
  mutating func frame(header: Int, total: Int, type: UInt8) -> Frame {
    defer { position += total }
    return Frame(start: position + header, end: position + total, type: type)
  }

  /// Cuts off the next message of the form type, length, body.
  ///
  /// - Parameter isKnown: whether there are messages of a type; asked before the length is believed.
  /// - Returns: `nil` until the whole message is there.
  @inline(__always)
  mutating func message(
    limit: Int, isKnown: (UInt8) -> Bool
  ) throws(WireError) -> Frame? {
    guard available >= 1 else { return nil }
    let type = byte(at: 0)
    guard isKnown(type) else { throw .unknownMessageType(type) }
    guard available >= 5 else { return nil }
    let length = Int(int32(at: 1))
    guard length >= 4, length <= limit else { throw .invalidLength(length) }
    guard available >= 1 + length else { return nil }
    return frame(header: 5, total: 1 + length, type: type)
  }

  /// Reads a frame that was cut off last.
  @inline(__always)
  func read<Message>(
    _ frame: Frame, _ body: (inout MessageCursor) throws(WireError) -> Message
  ) throws(WireError) -> Message {
    let owner = bytes
    return try owner.withUnsafeBufferPointer { pointer throws(WireError) in
      var cursor = MessageCursor(pointer, owner: owner, frame)
      return try body(&cursor)
    }
  }
}

/// Where one message stands in a buffer.
struct Frame {
  let start: Int
  let end: Int
  let type: UInt8
}
