/// A source file in which a text is looked for whatever the indentation of its lines.
struct SourceText {
  private let stripped: [UInt8]
  /// Where each byte of `stripped` is in the file; one more for its end.
  private let places: [Int]

  init(_ text: String) {
    var (stripped, places): ([UInt8], [Int]) = ([], [])
    var isIndentation = true
    for (place, byte) in text.utf8.enumerated() {
      if byte == UInt8(ascii: "\n") {
        isIndentation = true
      } else if isIndentation, byte == UInt8(ascii: " ") {
        continue
      } else {
        isIndentation = false
      }
      stripped.append(byte)
      places.append(place)
    }
    places.append(text.utf8.count)
    (self.stripped, self.places) = (stripped, places)
  }

  /// Where the text is in the file, in bytes: once for each time that it occurs.
  func ranges(of text: String) -> [Range<Int>] {
    let wanted = SourceText(text).stripped
    guard !wanted.isEmpty, wanted.count <= stripped.count else { return [] }
    var found: [Range<Int>] = []
    for start in 0...(stripped.count - wanted.count)
    where stripped[start] == wanted[0]
      && stripped[start..<start + wanted.count].elementsEqual(wanted)
    {
      found.append(places[start]..<places[start + wanted.count - 1] + 1)
    }
    return found
  }
}
