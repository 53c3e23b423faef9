/// A running fingerprint of a run, 128 bits: two runs with the same digest did the same things.
///
/// Not cryptographic: it guards against accidents, not against malice, and costs about a nanosecond
/// per word.
public struct Digest: Hashable, Sendable {
  private var low: UInt64 = 0x9E37_79B9_7F4A_7C15
  private var high: UInt64 = 0xC2B2_AE3D_27D4_EB4F

  public init() {}

  @inline(__always)
  public mutating func fold(_ word: UInt64) {
    let product = (low ^ word).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
    let previous = low
    low = product.low ^ product.high ^ high
    high = (high &+ previous) &* 0xE703_7ED1_A0B4_28DB
  }

  public mutating func fold(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      fold(UInt64(bytes.count))
      var index = 0
      while index < bytes.count {
        var word: UInt64 = 0
        for offset in 0..<min(8, bytes.count - index) {
          word |= UInt64(bytes[index + offset]) << UInt64(8 * offset)
        }
        fold(word)
        index += 8
      }
    }
  }

  /// Thirty-two hexadecimal digits.
  public var hexadecimal: String { Self.hexadecimal(high) + Self.hexadecimal(low) }

  /// SplitMix64's finalizer: every bit of the input moves about half of the output's.
  @inlinable public static func mix(_ word: UInt64) -> UInt64 {
    var z = word &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  private static func hexadecimal(_ word: UInt64) -> String {
    let digits = String(word, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
