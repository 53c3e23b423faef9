/// How large a YAML text becomes when every alias stands for what it names.
///
/// A few lines of aliases to aliases can stand for billions of values, and Yams hashes whole keys while it
/// reads, so the text has to be looked at before it is parsed. The look is lexical and counts too much rather
/// than too little: quotes and comments are taken for text like any other.
///
/// ```
///   a: &a [x, x]        &a has 3 values
///   b: &b [*a, *a]      &b has 3 + 3 + 3
/// ```
struct AliasExpansion {
  /// Values: more than any scenario needs, and read in a blink.
  static let limit = 100_000
  static let mostAnchors = 256

  /// What is too much, and where it stands, as an offset in UTF-8.
  enum Excess: Equatable {
    case values(offset: Int)
    case anchors(offset: Int)
  }

  private struct Anchor {
    let name: ArraySlice<UInt8>
    let end: Int
    var size: Int
  }

  private let bytes: [UInt8]
  private var anchors: [Anchor] = []
  private var size = 0

  /// - Returns: `nil` for a text that may be parsed.
  static func excess(in yaml: String) -> Excess? {
    guard yaml.utf8.contains(UInt8(ascii: "*")), yaml.utf8.contains(UInt8(ascii: "&")) else {
      return nil
    }
    var expansion = AliasExpansion(bytes: Array(yaml.utf8))
    return expansion.excess()
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func excess() -> Excess? {
    var place = 0
    while place < bytes.count {
      switch bytes[place] {
      case UInt8(ascii: "&"):
        if anchors.count == Self.mostAnchors { return .anchors(offset: place) }
        let name = name(from: place + 1)
        anchors.append(Anchor(name: name, end: extent(from: name.endIndex), size: 1))
        place = name.endIndex
      case UInt8(ascii: "*"):
        let name = name(from: place + 1)
        grow(by: anchors.last { $0.name == name }?.size ?? 1, at: place)
        if size > Self.limit { return .values(offset: place) }
        place = name.endIndex
      case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "\n"):
        grow(by: 1, at: place)
        place += 1
      default: place += 1
      }
    }
    return nil
  }

  /// Every anchor around a place grows with what stands there.
  private mutating func grow(by count: Int, at place: Int) {
    size = min(size + count, 2 * Self.limit)
    for index in anchors.indices where place < anchors[index].end {
      anchors[index].size = min(anchors[index].size + count, 2 * Self.limit)
    }
  }

  private func name(from start: Int) -> ArraySlice<UInt8> {
    bytes[start...].prefix { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
  }

  /// Where the value that begins here ends at the latest: at the bracket that closes it, with its line, or
  /// before the first line that is indented no deeper than the line of its anchor.
  private func extent(from start: Int) -> Int {
    let rest = bytes[start...].drop { $0 == UInt8(ascii: " ") }
    guard let first = rest.first else { return bytes.count }
    if first == UInt8(ascii: "[") || first == UInt8(ascii: "{") {
      return closing(from: rest.startIndex)
    }
    guard first == UInt8(ascii: "\n") || first == UInt8(ascii: "\r") else {
      // A scalar in quotes or a block of text goes on, but has no aliases in it.
      return end(ofLineAt: rest.startIndex)
    }
    let before = bytes[..<start].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let indentation = indentation(at: before)
    var line = end(ofLineAt: start) + 1
    while line < bytes.count {
      let depth = self.indentation(at: line)
      let first = line + depth < bytes.count ? bytes[line + depth] : UInt8(ascii: "\n")
      // A list may stand at the indentation of its key.
      let isItem = depth == indentation && first == UInt8(ascii: "-")
      if first != UInt8(ascii: "\n"), depth <= indentation, !isItem { return line }
      line = end(ofLineAt: line) + 1
    }
    return bytes.count
  }

  private func closing(from start: Int) -> Int {
    var depth = 0
    for place in start..<bytes.count {
      switch bytes[place] {
      case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      default: continue
      }
      if depth == 0 { return place }
    }
    return bytes.count
  }

  private func end(ofLineAt start: Int) -> Int {
    bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
  }

  private func indentation(at line: Int) -> Int {
    bytes[line...].prefix { $0 == UInt8(ascii: " ") }.count
  }
}
