import Simulation
import Testing

/// A golden script: commands at the left margin, and indented below each what came of it.
///
/// The script is run from its commands alone, and the whole transcript is compared: what is said too much
/// is a failure as well as what is missing. `#` begins a comment.
func expectTranscript(
  _ script: String, sourceLocation: SourceLocation = #_sourceLocation,
  _ run: (_ now: Instant, _ words: [String]) -> [String]
) {
  var expected: [String] = []
  var actual: [String] = []
  for line in script.split(separator: "\n") {
    let isIndented = line.hasPrefix(" ")
    let text = String(line.prefix { $0 != "#" }.reversed().drop { $0 == " " }.reversed())
    if text.isEmpty { continue }
    expected.append(text)
    if isIndented { continue }
    actual.append(text)
    let words = text.split(separator: " ").map(String.init)
    guard let seconds = Double(words[0].dropLast()), words[0].hasSuffix("s") else {
      Issue.record("'\(words[0])' is no time", sourceLocation: sourceLocation)
      return
    }
    let now = Instant.start + .seconds(rounding: seconds)
    actual += run(now, Array(words.dropFirst())).map { "  " + $0 }
  }
  #expect(
    actual.joined(separator: "\n") == expected.joined(separator: "\n"),
    sourceLocation: sourceLocation)
}

/// The word after `key`, if it is there.
func value(_ key: String, in words: [String]) -> String? {
  words.firstIndex(of: key).map { words[$0 + 1] }
}
