import Foundation
import Testing
import Yams

/// The mistakes that `Tests/Mutation` plants.
@Suite struct `The list of defects` {
  private struct Entry: Decodable {
    let name: String
    let file: String
    let kind: String
    let wrong: String
    let seen: String
    let noticed: String
    let find: String
    let replace: String
  }

  private static func read() throws -> [Entry] {
    let file = SourceFile.root.appending(path: "Tests/Mutation/Defects.yaml")
    return try YAMLDecoder().decode([Entry].self, from: Data(contentsOf: file))
  }

  /// The text without its indentation.
  private static func stripped(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.drop { $0 == " " } }.joined(separator: "\n")
  }

  private static func count(of wanted: String, in text: String) -> Int {
    stripped(text).ranges(of: stripped(wanted)).count
  }

  /// A defect whose text is gone would be planted nowhere, and one whose text occurs twice somewhere else.
  @Test func `names texts that occur once`() throws {
    for entry in try Self.read() {
      let file = SourceFile.root.appending(path: entry.file)
      let count = Self.count(of: entry.find, in: try String(contentsOf: file, encoding: .utf8))
      #expect(count == 1, "\(entry.name): found \(count) times in \(entry.file)")
    }
  }

  @Test func `covers the modules in which data can be lost`() throws {
    let entries = try Self.read()
    for module in ["Volume", "Database", "ControlPlane"] {
      #expect(entries.count { $0.file.hasPrefix("Sources/\(module)/") } >= 10, "\(module)")
    }
    #expect(Set(entries.map(\.name)).count == entries.count)
    #expect(entries.allSatisfy { ["yes", "maybe", "no"].contains($0.noticed) })
  }

  @Test func `notices a text that is gone or occurs twice`() {
    #expect(Self.count(of: "if a {\nb()", in: "  if a {\n    b()\n  }") == 1)
    #expect(Self.count(of: "if a {\nc()", in: "  if a {\n    b()\n  }") == 0)
    #expect(Self.count(of: "b()", in: "  b()\n  b()") == 2)
  }
}
