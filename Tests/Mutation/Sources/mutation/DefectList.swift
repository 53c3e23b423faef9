internal import Foundation
internal import Yams

/// The mistakes that a person has chosen: `Defects.yaml`.
enum DefectList {
  private struct Entry: Decodable {
    let name: String
    let file: String
    let kind: String
    /// A sentence on what is wrong.
    let wrong: String
    /// What a user would see.
    let seen: String
    /// The author's guess whether a user would notice: yes, maybe or no.
    let noticed: String
    let find: String
    /// With `$chosen` where the switch is looked at. Without: statements that replace those of `find`.
    let replace: String
  }

  static let file = "Tests/Mutation/Defects.yaml"

  static func read(root: URL) throws -> [Edit] {
    let text = try String(contentsOf: root.appending(path: file), encoding: .utf8)
    var sources: [String: SourceText] = [:]
    var edits: [Edit] = []
    for entry in try YAMLDecoder().decode([Entry].self, from: text) {
      let source: SourceText
      if let known = sources[entry.file] {
        source = known
      } else {
        source = SourceText(
          try String(contentsOf: root.appending(path: entry.file), encoding: .utf8))
        sources[entry.file] = source
      }
      let places = source.ranges(of: entry.find)
      guard places.count == 1, let range = places.first else {
        throw MutationError(
          "\(file): \(entry.name): expected its text once in \(entry.file), found it "
            + "\(places.count) times")
      }
      edits.append(
        Edit(
          origin: .defect, name: entry.name, file: entry.file, kind: entry.kind,
          change: entry.wrong, guess: entry.noticed, range: range,
          replacement: entry.replace.contains(Edit.placeholder)
            ? entry.replace
            : "if \(Edit.placeholder) {\n\(entry.replace)\n} else {\n\(entry.find)\n}"))
    }
    return edits
  }
}
