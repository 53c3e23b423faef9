extension ScalarFunction {
  /// Functions of strings. Lengths and places count characters (Unicode scalars), from 1.
  static let textFunctions: [ScalarFunction] =
    ["length", "char_length", "character_length"].map { name in
      ScalarFunction(name, [.text], .integer) { (arguments, _) throws(SQLError) in
        .integer(Int64(arguments.text(0).unicodeScalars.count))
      }
    }
    + ["substring", "substr"].flatMap { name in
      [
        ScalarFunction(name, [.text, .integer], .text) { (arguments, _) throws(SQLError) in
          .text(try Text.slice(arguments.text(0), from: arguments.count(1), count: nil))
        },
        ScalarFunction(name, [.text, .integer, .integer], .text) {
          (arguments, _) throws(SQLError) in
          .text(
            try Text.slice(arguments.text(0), from: arguments.count(1), count: arguments.count(2)))
        },
      ]
    }
    + ["position", "strpos"].map { name in
      ScalarFunction(name, [.text, .text], .integer) { (arguments, _) throws(SQLError) in
        .integer(Int64(Text.position(of: arguments.text(1), in: arguments.text(0))))
      }
    }
    + [("btrim", true, true), ("ltrim", true, false), ("rtrim", false, true)].flatMap {
      (name, left, right) in
      [
        ScalarFunction(name, [.text], .text) { (arguments, _) throws(SQLError) in
          .text(Text.trim(arguments.text(0), " ", left: left, right: right))
        },
        ScalarFunction(name, [.text, .text], .text) { (arguments, _) throws(SQLError) in
          .text(Text.trim(arguments.text(0), arguments.text(1), left: left, right: right))
        },
      ]
    }
    + [("lpad", true), ("rpad", false)].flatMap { (name, left) in
      [
        ScalarFunction(name, [.text, .integer], .text) { (arguments, _) throws(SQLError) in
          .text(try Text.pad(arguments.text(0), to: arguments.count(1), " ", left: left))
        },
        ScalarFunction(name, [.text, .integer, .text], .text) { (arguments, _) throws(SQLError) in
          .text(
            try Text.pad(arguments.text(0), to: arguments.count(1), arguments.text(2), left: left))
        },
      ]
    }
    + [
      ScalarFunction("octet_length", [.text], .integer) { (arguments, _) throws(SQLError) in
        .integer(Int64(arguments.text(0).utf8.count))
      },
      ScalarFunction("octet_length", [.bytea], .integer) { (arguments, _) throws(SQLError) in
        guard case .bytes(let bytes) = arguments[0] else { return .null }
        return .integer(Int64(bytes.count))
      },
      ScalarFunction("length", [.bytea], .integer) { (arguments, _) throws(SQLError) in
        guard case .bytes(let bytes) = arguments[0] else { return .null }
        return .integer(Int64(bytes.count))
      },
      ScalarFunction("lower", [.text], .text) { (arguments, _) throws(SQLError) in
        .text(arguments.text(0).lowercased())
      },
      ScalarFunction("upper", [.text], .text) { (arguments, _) throws(SQLError) in
        .text(arguments.text(0).uppercased())
      },
      ScalarFunction("reverse", [.text], .text) { (arguments, _) throws(SQLError) in
        var reversed = String.UnicodeScalarView()
        reversed.append(contentsOf: arguments.text(0).unicodeScalars.reversed())
        return .text(String(reversed))
      },
      ScalarFunction("left", [.text, .integer], .text) { (arguments, _) throws(SQLError) in
        let (text, count) = (arguments.text(0), arguments.count(1))
        let length = text.unicodeScalars.count
        return .text(
          try Text.slice(text, from: 1, count: max(count < 0 ? length + count : count, 0)))
      },
      ScalarFunction("right", [.text, .integer], .text) { (arguments, _) throws(SQLError) in
        let (text, count) = (arguments.text(0), arguments.count(1))
        let dropped = count < 0 ? -count : max(text.unicodeScalars.count - count, 0)
        return .text(try Text.slice(text, from: dropped + 1, count: nil))
      },
      ScalarFunction("repeat", [.text, .integer], .text) { (arguments, _) throws(SQLError) in
        .text(try Text.repeated(arguments.text(0), arguments.count(1)))
      },
      ScalarFunction("replace", [.text, .text, .text], .text) { (arguments, _) throws(SQLError) in
        .text(Text.replace(arguments.text(0), arguments.text(1), arguments.text(2)))
      },
      ScalarFunction("split_part", [.text, .text, .integer], .text) {
        (arguments, _) throws(SQLError) in
        .text(try Text.field(arguments.text(0), arguments.text(1), arguments.count(2)))
      },
      ScalarFunction("starts_with", [.text, .text], .boolean) { (arguments, _) throws(SQLError) in
        .boolean(arguments.text(0).utf8.starts(with: arguments.text(1).utf8))
      },
      ScalarFunction("md5", [.text], .text) { (arguments, _) throws(SQLError) in
        .text(MessageDigest5.hexadecimal(of: arguments.text(0).utf8))
      },
      ScalarFunction("md5", [.bytea], .text) { (arguments, _) throws(SQLError) in
        guard case .bytes(let bytes) = arguments[0] else { return .null }
        return .text(MessageDigest5.hexadecimal(of: bytes))
      },
      ScalarFunction("initcap", [.text], .text) { (arguments, _) throws(SQLError) in
        .text(Text.capitalized(arguments.text(0)))
      },
      ScalarFunction("translate", [.text, .text, .text], .text) {
        (arguments, _) throws(SQLError) in
        .text(Text.translate(arguments.text(0), arguments.text(1), arguments.text(2)))
      },
      ScalarFunction("to_hex", [.integer], .text) { (arguments, _) throws(SQLError) in
        .text(String(UInt32(truncatingIfNeeded: arguments.integer(0)), radix: 16))
      },
      ScalarFunction("to_hex", [.bigint], .text) { (arguments, _) throws(SQLError) in
        .text(String(UInt64(bitPattern: arguments.integer(0)), radix: 16))
      },
      ScalarFunction("quote_ident", [.text], .text) { (arguments, _) throws(SQLError) in
        .text(arguments.text(0).quotedIfNeeded)
      },
      ScalarFunction("ascii", [.text], .integer) { (arguments, _) throws(SQLError) in
        .integer(Int64(arguments.text(0).unicodeScalars.first?.value ?? 0))
      },
      ScalarFunction("chr", [.integer], .text) { (arguments, _) throws(SQLError) in
        guard let code = UInt32(exactly: arguments.integer(0)), code > 0,
          let scalar = Unicode.Scalar(code)
        else {
          throw .invalidArgument("requested character too large or null", sqlState: "54000")
        }
        return .text(String(scalar))
      },
      ScalarFunction("concat", [.text], .text, isVariadic: true, isStrict: false) {
        (arguments, _) throws(SQLError) in
        var joined = ""
        for case .text(let text) in arguments { joined += text }
        return .text(joined)
      },
      ScalarFunction("concat_ws", [.text, .text], .text, isVariadic: true, isStrict: false) {
        (arguments, _) throws(SQLError) in
        guard case .text(let separator) = arguments[0] else { return .null }
        var parts: [String] = []
        for case .text(let text) in arguments.dropFirst() { parts.append(text) }
        return .text(parts.joined(separator: separator))
      },
    ]
}

/// The work behind the functions of strings.
enum Text {
  /// As `initcap`: a letter after anything but a letter or digit is large, all others are small.
  static func capitalized(_ text: String) -> String {
    var result = ""
    var isInside = false
    for character in text {
      result += isInside ? character.lowercased() : character.uppercased()
      isInside = character.isLetter || character.isNumber
    }
    return result
  }

  /// As `translate`: a character of `from` becomes the one at its place in `to`, or goes.
  static func translate(_ text: String, _ from: String, _ to: String) -> String {
    let (sources, targets) = (Array(from.unicodeScalars), Array(to.unicodeScalars))
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      guard let place = sources.firstIndex(of: scalar) else {
        result.append(scalar)
        continue
      }
      if place < targets.count { result.append(targets[place]) }
    }
    return String(result)
  }

  /// As `substring`: a start before 1 shortens the result.
  static func slice(_ text: String, from start: Int, count: Int?) throws(SQLError) -> String {
    var end = Int.max
    if let count {
      guard count >= 0 else {
        throw .invalidArgument("negative substring length not allowed", sqlState: "22011")
      }
      let (sum, overflow) = start.addingReportingOverflow(count)
      end = overflow ? .max : sum
    }
    let scalars = text.unicodeScalars
    let first = max(start, 1)
    guard end > first else { return "" }
    let rest = scalars.dropFirst(first - 1)
    return String(end == .max ? rest : rest.prefix(end - first))
  }

  /// The place of the first `needle`, from 1; 0 if there is none.
  static func position(of needle: String, in text: String) -> Int {
    let (needle, haystack) = (Array(needle.unicodeScalars), Array(text.unicodeScalars))
    guard needle.count <= haystack.count else { return 0 }
    for start in 0...(haystack.count - needle.count)
    where haystack[start..<start + needle.count] == needle[...] {
      return start + 1
    }
    return 0
  }

  static func trim(_ text: String, _ set: String, left: Bool, right: Bool) -> String {
    let set = Array(set.unicodeScalars)
    var rest = text.unicodeScalars[...]
    if left { rest = rest.drop { set.contains($0) } }
    while right, let last = rest.last, set.contains(last) { rest.removeLast() }
    return String(rest)
  }

  static func pad(
    _ text: String, to length: Int, _ fill: String, left: Bool
  ) throws(SQLError) -> String {
    let (scalars, fill) = (Array(text.unicodeScalars), Array(fill.unicodeScalars))
    guard length <= maximumLength else { throw tooLong }
    guard scalars.count < length, !fill.isEmpty else {
      return string(scalars.prefix(max(length, 0)))
    }
    let padding = (0..<length - scalars.count).map { fill[$0 % fill.count] }
    return left ? string(padding[...]) + text : text + string(padding[...])
  }

  static func repeated(_ text: String, _ count: Int) throws(SQLError) -> String {
    guard count > 0 else { return "" }
    guard text.utf8.count <= maximumLength / count else { throw tooLong }
    return String(repeating: text, count: count)
  }

  static func replace(_ text: String, _ needle: String, _ replacement: String) -> String {
    let (source, needle) = (Array(text.utf8), Array(needle.utf8))
    guard !needle.isEmpty else { return text }
    var bytes: [UInt8] = []
    var index = 0
    while index < source.count {
      if source[index...].starts(with: needle) {
        bytes.append(contentsOf: replacement.utf8)
        index += needle.count
      } else {
        bytes.append(source[index])
        index += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// As `split_part`: the fields count from 1, or from -1 backwards.
  static func field(_ text: String, _ separator: String, _ number: Int) throws(SQLError) -> String {
    guard number != 0 else { throw .invalidArgument("field position must not be zero") }
    var fields: [String] = []
    let (source, separator) = (Array(text.utf8), Array(separator.utf8))
    var (start, index) = (0, 0)
    while !separator.isEmpty, index < source.count {
      if source[index...].starts(with: separator) {
        fields.append(String(decoding: source[start..<index], as: UTF8.self))
        index += separator.count
        start = index
      } else {
        index += 1
      }
    }
    fields.append(String(decoding: source[start...], as: UTF8.self))
    let place = number > 0 ? number - 1 : fields.count + number
    return fields.indices.contains(place) ? fields[place] : ""
  }

  /// PostgreSQL's limit of one value, 1 GB, in bytes.
  private static let maximumLength = 1_073_741_819

  private static var tooLong: SQLError {
    .invalidArgument("requested length too large", sqlState: "54000")
  }

  private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }
}
