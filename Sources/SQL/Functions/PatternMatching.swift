/// LIKE: `%` stands for any run of characters, `_` for any one, the escape makes the next literal.
enum PatternMatching {
  /// - Parameter escape: one character, or none for no escape at all.
  /// - Throws: `22025` if the pattern ends with the escape or the escape is longer.
  static func matches(
    _ text: String, _ pattern: String, escape: String, ignoresCase: Bool
  ) throws(SQLError) -> Bool {
    guard escape.unicodeScalars.count <= 1 else {
      throw SQLError(
        sqlState: "22025", message: "invalid escape string",
        hint: "Escape string must be empty or one character.")
    }
    let (text, pattern) =
      ignoresCase ? (text.lowercased(), pattern.lowercased()) : (text, pattern)
    return try match(
      Array(text.utf8), Array(pattern.utf8), escape: Array(escape.utf8))
  }

  /// Greedy matching that, on a mismatch, returns to the last `%` and lets it take one more
  /// character: O(text × pattern), without recursion.
  private static func match(
    _ text: [UInt8], _ pattern: [UInt8], escape: [UInt8]
  ) throws(SQLError) -> Bool {
    var (textIndex, patternIndex) = (0, 0)
    var retry: (text: Int, pattern: Int)?
    while textIndex < text.count || patternIndex < pattern.count {
      if patternIndex < pattern.count {
        let byte = pattern[patternIndex]
        if !escape.isEmpty, pattern[patternIndex...].starts(with: escape) {
          let literal = patternIndex + escape.count
          guard literal < pattern.count || textIndex == text.count else {
            throw SQLError(
              sqlState: "22025", message: "LIKE pattern must not end with escape character")
          }
          if textIndex < text.count, text[textIndex] == pattern[literal] {
            textIndex += 1
            patternIndex = literal + 1
            continue
          }
        } else if byte == UInt8(ascii: "%") {
          retry = (textIndex, patternIndex)
          patternIndex += 1
          continue
        } else if byte == UInt8(ascii: "_") {
          if textIndex < text.count {
            textIndex = next(text, textIndex)
            patternIndex += 1
            continue
          }
        } else if textIndex < text.count, text[textIndex] == byte {
          textIndex += 1
          patternIndex += 1
          continue
        }
      }
      guard let last = retry, last.text < text.count else { return false }
      retry = (next(text, last.text), last.pattern)
      (textIndex, patternIndex) = (next(text, last.text), last.pattern + 1)
    }
    return true
  }

  /// The start of the character behind the one at `index`.
  private static func next(_ text: [UInt8], _ index: Int) -> Int {
    var next = index + 1
    while next < text.count, text[next] & 0xC0 == 0x80 { next += 1 }
    return next
  }
}
