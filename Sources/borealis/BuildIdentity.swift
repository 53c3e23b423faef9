import Foundation
import Simulation

/// Names the program that runs: the same bytes, the same name.
///
/// A seed keeps its meaning only within one build, so the name is stored with every result.
enum BuildIdentity {
  static let version = "0.1"

  /// Sixteen hexadecimal digits over the bytes of the executable.
  static let fingerprint: String = {
    guard let path = Bundle.main.executablePath,
      let data = try? Data(contentsOf: URL(filePath: path), options: .alwaysMapped)
    else { return "unknown" }
    return String(digest(of: data).hexadecimal.prefix(16))
  }()

  static var name: String { "\(version)-\(fingerprint)" }

  static func digest(of data: Data) -> Digest {
    var digest = Digest()
    data.withUnsafeBytes { bytes in
      digest.fold(UInt64(bytes.count))
      var offset = 0
      while offset + 8 <= bytes.count {
        digest.fold(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        offset += 8
      }
      while offset < bytes.count {
        digest.fold(UInt64(bytes[offset]))
        offset += 1
      }
    }
    return digest
  }
}
