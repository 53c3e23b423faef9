import Simulation

/// The part of a page that belongs to the volume: its first 16 bytes, and its size.
///
/// ```
///   0        8           12           16
///   ├ LSN ───┼ checksum ─┼ page number ┼─ the engine's ─────────────── 16,384
/// ```
public enum Page {
  public static let size = 16 * 1024
  public static let headerSize = 16

  /// The LSN of the last record that changed the page.
  public static func lsn(of page: UnsafeRawBufferPointer) -> LSN {
    LSN(UInt64(littleEndian: page.loadUnaligned(fromByteOffset: 0, as: UInt64.self)))
  }

  public static func setLSN(_ lsn: LSN, of page: UnsafeMutableRawBufferPointer) {
    page.storeBytes(of: lsn.value.littleEndian, toByteOffset: 0, as: UInt64.self)
  }

  public static func number(of page: UnsafeRawBufferPointer) -> PageNumber {
    PageNumber(UInt32(littleEndian: page.loadUnaligned(fromByteOffset: 12, as: UInt32.self)))
  }

  /// Writes number and checksum: what a page gets before it leaves memory.
  public static func seal(_ page: UnsafeMutableRawBufferPointer, as number: PageNumber) {
    page.storeBytes(of: number.value.littleEndian, toByteOffset: 12, as: UInt32.self)
    page.storeBytes(
      of: checksum(of: UnsafeRawBufferPointer(page)).littleEndian, toByteOffset: 8, as: UInt32.self)
  }

  /// Whether the bytes are those that were sealed, under this number.
  public static func isIntact(_ page: UnsafeRawBufferPointer, as number: PageNumber) -> Bool {
    page.count == size && Page.number(of: page) == number
      && UInt32(littleEndian: page.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        == checksum(of: page)
  }

  /// CRC-32 over everything but the checksum itself.
  public static func checksum(of page: UnsafeRawBufferPointer) -> UInt32 {
    let head = Checksum.crc32(UnsafeRawBufferPointer(rebasing: page[0..<8]))
    return Checksum.crc32(UnsafeRawBufferPointer(rebasing: page[12...]), seed: head)
  }
}

/// The place of a page in its volume.
public struct PageNumber: Hashable, Comparable, Codable, Sendable {
  public var value: UInt32

  @inlinable public init(_ value: UInt32) { self.value = value }
  @inlinable public static func < (lhs: PageNumber, rhs: PageNumber) -> Bool {
    lhs.value < rhs.value
  }
}

extension PageNumber: CustomStringConvertible {
  public var description: String { "page \(value)" }
}
