import Foundation
import Simulation

/// Names the program that runs: the same bytes, the same name.
///
/// A seed keeps its meaning only within one build, so the name is stored with every result.
enum BuildIdentity {
  static let version = "0.1"

  /// Sixteen hexadecimal digits over the bytes of the executable.
  ///
  /// It is read piece by piece: mapped, its hundred megabytes would count as memory of the run.
  static let fingerprint: String = {
    guard let path = Bundle.main.executablePath, let file = FileHandle(forReadingAtPath: path),
      let size = try? file.seekToEnd(), (try? file.seek(toOffset: 0)) != nil
    else { return "unknown" }
    var digest = Digest()
    digest.fold(size)
    while let piece = try? file.read(upToCount: 256 * 1024), !piece.isEmpty {
      fold(piece, into: &digest)
    }
    return String(digest.hexadecimal.prefix(16))
  }()

  static var name: String { "\(version)-\(fingerprint)" }

  static func digest(of data: Data) -> Digest {
    var digest = Digest()
    digest.fold(UInt64(data.count))
    fold(data, into: &digest)
    return digest
  }

  private static func fold(_ data: Data, into digest: inout Digest) {
    data.withUnsafeBytes { bytes in
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
  }
}
