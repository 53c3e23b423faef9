/// One value of a scenario together with its place, from which it is read and refused.
struct Field {
  let node: YAMLNode
  /// Where it stands, such as `faults[2].at`; empty for the whole document.
  let place: String

  /// An error at this value.
  func refusal(_ problem: ScenarioError.Problem) -> ScenarioError {
    ScenarioError(problem, at: node.position, place: place)
  }

  /// The error that says what should have stood here.
  func refusal(expected: String) -> ScenarioError {
    refusal(.unexpected(found: node.found, expected: expected))
  }

  func text(_ expected: String = "a text") throws(ScenarioError) -> String {
    guard case .text(let text) = node.content else { throw refusal(expected: expected) }
    return text
  }

  /// A text that can be shown on one line of a terminal and of a page: ends of lines and tabs become blanks.
  func sentence() throws(ScenarioError) -> String {
    let text = try text("a sentence")
      .split { $0.isNewline || $0 == "\t" }.joined(separator: " ")
    if text.allSatisfy(\.isWhitespace) { throw refusal(expected: "a sentence") }
    let isPlain = text.unicodeScalars.allSatisfy {
      switch $0.properties.generalCategory {
      // U+202E and its like turn the order of what follows round.
      case .control, .lineSeparator, .paragraphSeparator: false
      case .format: $0 == "\u{200C}" || $0 == "\u{200D}"
      default: true
      }
    }
    if !isPlain {
      throw refusal(.contradiction("it must not have control characters"))
    }
    return text
  }

  /// What stands under `key`, if this is a mapping that has it.
  func child(_ key: String) -> Field? {
    guard case .mapping(let entries) = node.content,
      let entry = entries.first(where: { $0.key == key })
    else { return nil }
    return Field(node: entry.value, place: Section.place(of: key, in: place))
  }

  /// The items of a list, each at its own place.
  func items() throws(ScenarioError) -> [Field] {
    guard case .list(let nodes) = node.content else { throw refusal(expected: "a list") }
    return nodes.enumerated().map { Field(node: $1, place: "\(place)[\($0)]") }
  }

  /// The mapping that stands here, once all its keys are known ones.
  ///
  /// - Parameter later: keys that the language will have one day.
  func section(_ keys: [String], later: [String] = []) throws(ScenarioError) -> Section {
    guard case .mapping(let entries) = node.content else {
      throw refusal(expected: "a mapping with the keys \(keys.joined(separator: ", "))")
    }
    for entry in entries where !keys.contains(entry.key) {
      let problem: ScenarioError.Problem =
        later.contains(entry.key)
        ? .unsupported(
          "'\(ScenarioError.shortened(entry.key))'", supported: keys.joined(separator: ", "))
        : .unknownKey(entry.key, known: keys)
      throw ScenarioError(
        problem, at: entry.keyPosition, place: Section.place(of: entry.key, in: place))
    }
    return Section(field: self)
  }

  /// A quantity, with its unit.
  func value<Value: ScalarValue>(_ type: Value.Type = Value.self) throws(ScenarioError) -> Value {
    guard case .text(let text) = node.content, let value = Value(scalar: text) else {
      throw refusal(expected: Value.expectation)
    }
    return value
  }

  /// A quantity within bounds, both included.
  func value<Value: ScalarValue & Comparable>(
    in range: ClosedRange<Value>
  ) throws(ScenarioError) -> Value {
    let value = try value(Value.self)
    guard range.contains(value) else {
      throw refusal(
        expected: "a value from \(range.lowerBound.scalar) to \(range.upperBound.scalar)")
    }
    return value
  }

  /// One of a fixed set of words.
  func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ type: Choice.Type = Choice.self
  ) throws(ScenarioError) -> Choice {
    if case .text(let text) = node.content, let choice = Choice(rawValue: text) { return choice }
    let words = Choice.allCases.map(\.rawValue)
    throw refusal(expected: Self.oneOf(words))
  }

  /// A reference to something that was given an id.
  func reference(to kind: String, among known: [String]) throws(ScenarioError) -> String {
    try item(called: try text("the id of a \(kind)"), kind: kind, among: known) { $0 }
  }

  /// That of `known` which has a name that stands here.
  func item<Item>(
    called name: String, kind: String, among known: [Item], by naming: (Item) -> String
  ) throws(ScenarioError) -> Item {
    guard let item = known.first(where: { naming($0) == name }) else {
      throw refusal(.unknownName(name, kind: kind, known: known.map(naming)))
    }
    return item
  }

  static func oneOf(_ words: [String]) -> String {
    words.count == 1 ? "'\(words[0])'" : "one of \(words.joined(separator: ", "))"
  }
}

/// A mapping of a scenario, all of whose keys have been found to be known.
struct Section {
  let field: Field

  subscript(key: String) -> Field? { field.child(key) }

  func required(_ key: String) throws(ScenarioError) -> Field {
    if let field = self[key] { return field }
    let place = Self.place(of: key, in: field.place)
    throw ScenarioError(.missingKey, at: field.node.position, place: place)
  }

  /// The one key of `keys` that is present.
  ///
  /// - Throws: when there is none, or more than one.
  func exactlyOne(of keys: [String]) throws(ScenarioError) -> (key: String, field: Field) {
    let present = keys.filter { self[$0] != nil }
    guard present.count == 1, let field = self[present[0]] else {
      let found = present.isEmpty ? "none" : present.joined(separator: " and ")
      throw self.field.refusal(
        .unexpected(found: found, expected: "exactly one of \(keys.joined(separator: ", "))"))
    }
    return (present[0], field)
  }

  static func place(of key: String, in parent: String) -> String {
    parent.isEmpty ? key : "\(parent).\(key)"
  }
}
