import Foundation
import Testing

@Suite struct `The source tree` {
  /// The places where `file` breaks a ban.
  private static func violations(in file: SourceFile) -> [String] {
    guard file.isDeterministic else { return [] }
    var found: [String] = []
    for (index, line) in file.lines.enumerated() {
      for ban in Ban.all where ban.isBroken(by: line) {
        if Ban.exceptions.contains(where: { $0.path == file.path && $0.word == ban.word }) {
          continue
        }
        found.append("\(file.path):\(index + 1): '\(ban.word)' is banned; use \(ban.instead)")
      }
    }
    return found
  }

  @Test(arguments: SourceFile.all(under: "Sources"))
  func `says nothing that would make a run unrepeatable`(file: SourceFile) {
    for violation in Self.violations(in: file) { Issue.record("\(violation)") }
  }

  @Test func `is there to be read`() {
    #expect(SourceFile.all(under: "Sources").count > 100)
  }

  @Test(arguments: Ban.all.map(\.word))
  func `notices each planted defect`(word: String) {
    let planted = SourceFile(
      path: "Sources/Volume/Planted.swift", text: "  let x = \(word) // why\n")
    #expect(Self.violations(in: planted).contains { $0.contains("'\(word)'") })
    let comment = SourceFile(path: "Sources/Volume/Planted.swift", text: "  // never \(word)\n")
    #expect(Self.violations(in: comment).isEmpty)
  }

  /// A dictionary's order differs from process to process: only a look-up table may hold one.
  @Test func `notices a walk over a dictionary or a set`() {
    let walk = #/for\s+\S+.*\bin\s+\w*(?:[dD]ictionary|[sS]et)\b/#
    #expect("for node in nodeSet {".contains(walk))
    for file in SourceFile.all(under: "Sources") where file.isDeterministic {
      for (index, line) in file.lines.enumerated() where line.contains(walk) {
        Issue.record("\(file.path):\(index + 1): walks an unordered collection")
      }
    }
  }

  /// Stored dictionaries and sets, which could be walked by mistake, live in `LookupTable` alone.
  @Test(arguments: SourceFile.all(under: "Sources"))
  func `stores no bare dictionary or set`(file: SourceFile) {
    guard file.isDeterministic, !file.path.hasSuffix("Tables/LookupTable.swift") else { return }
    let stored =
      #/^ {2}(?:(?:public|private|internal|package|fileprivate)(?:\(set\))?\s+)*(?:let|var)\s+\w+\s*(?::|=)\s*(?:\[[\w.]+\s*:\s*[^\]]+\]|Set<|Dictionary<)/#
    for (index, line) in file.lines.enumerated() where line.contains(stored) {
      Issue.record(
        "\(file.path):\(index + 1): a bare dictionary or set; use LookupTable or an ordered one")
    }
  }

  /// Two places with one name would share their luck, and a name without a place would be noted as armed for nothing.
  @Test func `names every fault point once, and passes it in one place`() throws {
    let files = SourceFile.all(under: "Sources")
    let declaration = #/^  case (\w+) = "([\w.]+)"/#
    var names: [String] = []
    for file in files where file.path.hasSuffix("FaultPoint.swift") {
      for line in file.lines {
        guard let point = try declaration.firstMatch(in: line) else { continue }
        names.append(String(point.2))
        let call = try Regex("buggify\\(\\s*\\w+FaultPoint\\.\(point.1)\\b")
        let places = files.filter(\.isDeterministic)
          .reduce(0) { $0 + $1.text.matches(of: call).count }
        #expect(places == 1, "\(point.2) is passed in \(places) places")
      }
    }
    #expect(names.count >= 6)
    #expect(Set(names).count == names.count, "\(names.sorted())")
  }

  /// A probe that nothing reaches would be told as a situation that no seed has met, for ever.
  @Test func `reaches every probe somewhere`() throws {
    let files = SourceFile.all(under: "Sources")
    let declaration = #/^  case (\w+) = "([\w.]+)"/#
    var count = 0
    for file in files
    where file.path.hasSuffix("Probe.swift") || file.path.hasSuffix("Probes.swift") {
      for match in file.lines.compactMap({ $0.firstMatch(of: declaration) }) {
        count += 1
        let isReached = files.contains { other in
          other.path != file.path
            && other.lines.contains {
              $0.contains("Probe.\(match.1)") || $0.contains("name = \"\(match.2)\"")
            }
        }
        #expect(isReached, "\(match.2) of \(file.path)")
      }
    }
    #expect(count > 20)
  }
}
