import CDeflate

/// Sums that tell damaged bytes from sound ones.
public enum Checksum {
  /// CRC-32 (the polynomial of zlib and Ethernet), by libdeflate.
  public static func crc32(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
    libdeflate_crc32(seed, bytes.baseAddress, bytes.count)
  }

  /// CRC-32 of an array.
  public static func crc32(_ bytes: [UInt8], seed: UInt32 = 0) -> UInt32 {
    bytes.withUnsafeBytes { crc32($0, seed: seed) }
  }

  /// The sum of UDP and TCP: the complement of the sum, in ones' complement, of 16-bit words.
  ///
  /// It is weak: about one damage in 65,536 does not show in it. Source: RFC 1071.
  public static func internet(_ bytes: [UInt8]) -> UInt16 {
    var sum: UInt64 = 0
    var index = 0
    while index + 1 < bytes.count {
      sum += UInt64(bytes[index]) << 8 | UInt64(bytes[index + 1])
      index += 2
    }
    if index < bytes.count { sum += UInt64(bytes[index]) << 8 }
    while sum > 0xFFFF { sum = (sum & 0xFFFF) + (sum >> 16) }
    return ~UInt16(sum)
  }
}
