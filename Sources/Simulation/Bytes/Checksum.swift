import CDeflate

/// CRC-32 (the polynomial of zlib and Ethernet), by libdeflate.
public enum Checksum {
  public static func crc32(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
    libdeflate_crc32(seed, bytes.baseAddress, bytes.count)
  }

  public static func crc32(_ bytes: [UInt8], seed: UInt32 = 0) -> UInt32 {
    bytes.withUnsafeBytes { crc32($0, seed: seed) }
  }
}
