/// Why a scenario was refused: what is wrong, where it is, and what would be right.
///
/// A file is read until the first problem, so there is always exactly one. Its text is one line,
/// in the form `file:line:column: place: problem`.
public struct ScenarioError: Error, Equatable, Sendable {
  /// A spot in a source text; line and column count from 1.
  public struct Position: Equatable, Sendable {
    public let file: String
    public let line: Int
    public let column: Int

    public init(file: String, line: Int, column: Int) {
      (self.file, self.line, self.column) = (file, line, column)
    }
  }

  public enum Problem: Equatable, Sendable {
    /// Nothing is in the file but blanks and comments.
    case empty
    /// The text breaks YAML's own grammar.
    case notYAML(String)
    /// A key that must be there is not.
    case missingKey
    /// A key that the language does not have at this place.
    case unknownKey(String, known: [String])
    /// A key that is set twice in one mapping.
    case repeatedKey(String)
    /// A value of the wrong kind, without its unit, or out of its range.
    case unexpected(found: String, expected: String)
    /// A name that refers to nothing.
    case unknownName(String, kind: String, known: [String])
    /// An id that something else bears already.
    case takenID(String, by: String)
    /// Something that the language will have one day; `supported` says what there is now.
    case unsupported(String, supported: String)
    /// Values that are right each by itself and wrong together.
    case contradiction(String)
  }

  public let position: Position
  /// The place inside the document, such as `faults[2].at`; empty for the whole document.
  public let place: String
  public let problem: Problem

  public init(_ problem: Problem, at position: Position, place: String) {
    (self.problem, self.position, self.place) = (problem, position, place)
  }
}

extension ScenarioError: CustomStringConvertible {
  public var description: String {
    let spot = "\(position.file):\(position.line):\(position.column)"
    let text =
      place.isEmpty ? "\(spot): \(problem)" : "\(spot): \(Self.shortened(place)): \(problem)"
    return Self.oneLine(text)
  }

  /// What a user wrote, as far as a message has room for it.
  static func shortened(_ text: String) -> String {
    let most = 80
    return text.count > most ? "\(text.prefix(most - 1))…" : text
  }

  /// Line breaks and other control characters as escapes, so that a message stays one line and cannot drive
  /// a terminal.
  private static func oneLine(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      return text
    }
    return text.unicodeScalars.map { scalar in
      scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : String(scalar)
    }.joined()
  }
}

extension ScenarioError.Problem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .empty:
      "expected a scenario, which begins with 'borealis: 1', not an empty file"
    case .notYAML(let reason):
      "not YAML: \(reason)"
    case .missingKey:
      "required, but missing"
    case .unknownKey(let key, let known):
      "unknown key\(Self.suggestion(for: key, among: known))"
    case .repeatedKey(let key):
      "'\(ScenarioError.shortened(key))' is set more than once in one mapping; this is the first time"
    case .unexpected(let found, let expected):
      "expected \(expected), not \(found)"
    case .unknownName(let name, let kind, let known):
      "no \(kind) is called '\(ScenarioError.shortened(name))'\(Self.suggestion(for: name, among: known))"
    case .takenID(let id, let owner):
      "'\(ScenarioError.shortened(id))' is already the id of \(owner); ids are unique"
    case .unsupported(let what, let supported):
      "\(what) is not supported yet; supported: \(supported)"
    case .contradiction(let reason):
      reason
    }
  }

  private static func suggestion(for name: String, among known: [String]) -> String {
    if known.isEmpty { return "" }
    let guess = NearestName.match(for: name, among: known).map { "; did you mean '\($0)'?" } ?? ";"
    return "\(guess) known here: \(known.joined(separator: ", "))"
  }
}
