import Foundation
import Testing

/// A Swift file of the project.
struct SourceFile: CustomTestStringConvertible {
  /// From the root of the package.
  let path: String
  let text: String

  var testDescription: String { path }
  var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

  /// Whether the file belongs to a target whose behaviour the seed alone decides. The command is the
  /// door to the outside.
  var isDeterministic: Bool {
    path.hasPrefix("Sources/") && !path.hasPrefix("Sources/borealis")
  }

  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static func all(under folder: String) -> [SourceFile] {
    let base = root.appending(path: folder)
    guard let files = FileManager.default.enumerator(atPath: base.path) else { return [] }
    return files.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.sorted()
      .compactMap { name in
        guard let text = try? String(contentsOf: base.appending(path: name), encoding: .utf8) else {
          return nil
        }
        return SourceFile(path: "\(folder)/\(name)", text: text)
      }
  }
}
