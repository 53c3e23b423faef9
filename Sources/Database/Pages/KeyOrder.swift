/// The order of keys: that of their bytes, a prefix before what continues it.
enum KeyOrder {
  /// Negative, zero or positive as `lhs` comes before, equals or follows `rhs`.
  @inline(__always)
  static func compare(_ lhs: UnsafeRawBufferPointer, _ rhs: UnsafeRawBufferPointer) -> Int {
    let shared = min(lhs.count, rhs.count)
    var offset = 0
    while offset + 8 <= shared {
      let left = lhs.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      let right = rhs.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      if left != right { return left.bigEndian < right.bigEndian ? -1 : 1 }
      offset += 8
    }
    while offset < shared {
      let (left, right) = (lhs[offset], rhs[offset])
      if left != right { return left < right ? -1 : 1 }
      offset += 1
    }
    return lhs.count - rhs.count
  }

  /// How many bytes at the front are the same.
  static func sharedPrefix(_ lhs: UnsafeRawBufferPointer, _ rhs: UnsafeRawBufferPointer) -> Int {
    let shared = min(lhs.count, rhs.count)
    var offset = 0
    while offset < shared, lhs[offset] == rhs[offset] { offset += 1 }
    return offset
  }

  /// A 64-bit name for a key of a tree, the same in every process.
  ///
  /// Two keys of one name share a lock, which costs time and nothing else.
  static func hash(_ key: UnsafeRawBufferPointer, of tree: UInt32) -> UInt64 {
    var hash = (UInt64(tree) &+ 1) &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(key.count)
    var offset = 0
    while offset + 8 <= key.count {
      hash = mix(hash ^ key.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian)
      offset += 8
    }
    var tail: UInt64 = 0
    var shift: UInt64 = 0
    while offset < key.count {
      tail |= UInt64(key[offset]) << shift
      shift += 8
      offset += 1
    }
    return mix(hash ^ tail)
  }

  private static func mix(_ word: UInt64) -> UInt64 {
    let product = (word ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
    return product.low ^ product.high
  }
}
