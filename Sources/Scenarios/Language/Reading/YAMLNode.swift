internal import Yams

/// A YAML document as the language sees it: texts, lists and mappings that know where they stand.
///
/// Every scalar is its text. The language gives texts their meaning by the place at which they
/// stand, so YAML's own guesses (`no` as a truth value, `1:30` as a number) never take part.
struct YAMLNode {
  struct Entry {
    let key: String
    let keyPosition: ScenarioError.Position
    let value: YAMLNode
  }

  enum Content {
    case nothing
    case text(String)
    case list([YAMLNode])
    case mapping([Entry])
  }

  let content: Content
  let position: ScenarioError.Position

  /// What an error calls this node: `'250'`, `a list`.
  var found: String {
    switch content {
    case .nothing: "nothing"
    case .text(let text): "'\(ScenarioError.shortened(text))'"
    case .list: "a list"
    case .mapping: "a mapping"
    }
  }
}

extension YAMLNode {
  /// Reads one document.
  ///
  /// - Throws: ``ScenarioError`` for an empty text, one that is not YAML, a repeated key, or a text that
  ///   is too large or whose aliases make it so.
  init(parsing yaml: String, file: String) throws(ScenarioError) {
    let start = ScenarioError.Position(file: file, line: 1, column: 1)
    guard yaml.utf8.count <= Self.largest else {
      throw ScenarioError(
        .notYAML("expected a file of at most \(Self.largest) bytes, found \(yaml.utf8.count)"),
        at: start, place: "")
    }
    if let excess = AliasExpansion.excess(in: yaml) {
      throw Self.problem(excess, in: yaml, file: file)
    }
    let root: Node?
    do {
      root = try Yams.compose(yaml: yaml)
    } catch let error as YamlError {
      throw Self.problem(error, in: file)
    } catch {
      throw ScenarioError(.notYAML("it cannot be read"), at: start, place: "")
    }
    guard let root else { throw ScenarioError(.empty, at: start, place: "") }
    self = try Self.convert(root, file: file)
    if case .nothing = content { throw ScenarioError(.empty, at: start, place: "") }
  }

  /// The largest file that is read, in bytes.
  private static let largest = 4 << 20

  private static func convert(_ node: Node, file: String) throws(ScenarioError) -> YAMLNode {
    let position = ScenarioError.Position(
      file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    switch node {
    case .scalar(let scalar):
      let isPlain = scalar.style == .plain
      if isPlain, scalar.string.isEmpty || scalar.string == "~" || scalar.string == "null" {
        return YAMLNode(content: .nothing, position: position)
      }
      if isPlain, opensWithoutClosing(scalar.string) {
        throw ScenarioError(.notYAML(commaRemedy(scalar.string)), at: position, place: "")
      }
      return YAMLNode(content: .text(scalar.string), position: position)
    case .sequence(let sequence):
      var items: [YAMLNode] = []
      for item in sequence { items.append(try convert(item, file: file)) }
      return YAMLNode(content: .list(items), position: position)
    case .mapping(let mapping):
      var entries: [Entry] = []
      var keys: Set<String> = []
      for (key, value) in mapping {
        let keyPosition = ScenarioError.Position(
          file: file, line: key.mark?.line ?? 1, column: key.mark?.column ?? 1)
        guard case .scalar(let name) = key else {
          let problem = ScenarioError.Problem.unexpected(
            found: "a list or a mapping", expected: "a key")
          throw ScenarioError(problem, at: keyPosition, place: "")
        }
        guard keys.insert(name.string).inserted else {
          throw ScenarioError(.repeatedKey(name.string), at: keyPosition, place: "")
        }
        let entry = Entry(
          key: name.string, keyPosition: keyPosition, value: try convert(value, file: file))
        entries.append(entry)
      }
      return YAMLNode(content: .mapping(entries), position: position)
    case .alias:
      let problem = ScenarioError.Problem.unexpected(found: "an alias", expected: "a value")
      throw ScenarioError(problem, at: position, place: "")
    }
  }

  private static func problem(
    _ excess: AliasExpansion.Excess, in yaml: String, file: String
  ) -> ScenarioError {
    let (offset, reason) =
      switch excess {
      case .values(let offset):
        (
          offset,
          "with this alias the file stands for more than \(AliasExpansion.limit) values; write out"
            + " those that are needed"
        )
      case .anchors(let offset):
        (
          offset,
          "expected at most \(AliasExpansion.mostAnchors) anchors in a file; this is one more"
        )
      }
    let lines = yaml.utf8.prefix(offset)
      .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return ScenarioError(
      .notYAML(reason),
      at: ScenarioError.Position(
        file: file, line: max(1, lines.count), column: (lines.last?.count ?? 0) + 1), place: "")
  }

  private static func opensWithoutClosing(_ text: String) -> Bool {
    text.utf8.count { $0 == UInt8(ascii: "(") } > text.utf8.count { $0 == UInt8(ascii: ")") }
  }

  private static func commaRemedy(_ text: String) -> String {
    "'\(text)' was cut off at a comma; inside { } and [ ] put such a value in quotes, or leave out"
      + " its commas"
  }

  private static func problem(_ error: YamlError, in file: String) -> ScenarioError {
    func at(_ line: Int, _ column: Int, _ problem: ScenarioError.Problem) -> ScenarioError {
      let position = ScenarioError.Position(file: file, line: line, column: column)
      return ScenarioError(problem, at: position, place: "")
    }
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      if problem.contains("Maximum nesting level") {
        return at(
          mark.line, mark.column,
          .notYAML("lists and mappings stand in one another, more than 1000 deep"))
      }
      let setting = context.map { "\($0.text), " } ?? ""
      let isFlow = setting.contains("flow")
      let remedy = isFlow ? "; inside { } and [ ] put text with brackets in quotes" : ""
      return at(mark.line, mark.column, .notYAML("\(setting)\(problem)\(remedy)"))
    case .duplicatedKeysInMapping(let keys, let context):
      let key = keys.first ?? ""
      // A call with a comma, cut in two by YAML, leaves keys such as `2ms)`.
      if key.hasSuffix(")"), !key.contains("(") {
        return at(context.mark.line, context.mark.column, .notYAML(commaRemedy(key)))
      }
      return at(context.mark.line, context.mark.column, .repeatedKey(key))
    case .reader(let problem, let offset, _, let yaml):
      let lines = yaml.prefix(offset ?? 0)
        .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      return at(lines.count, (lines.last?.count ?? 0) + 1, .notYAML(problem))
    case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
      return at(1, 1, .notYAML("it cannot be read"))
    }
  }
}

extension YAMLNode {
  /// This document over `base`: mappings are joined key by key; lists and texts replace.
  func extending(_ base: YAMLNode) -> YAMLNode {
    guard case .mapping(let own) = content, case .mapping(let inherited) = base.content else {
      return self
    }
    var entries = inherited.map { entry in
      guard let override = own.first(where: { $0.key == entry.key }) else { return entry }
      return Entry(
        key: override.key, keyPosition: override.keyPosition,
        value: override.value.extending(entry.value))
    }
    entries += own.filter { entry in !inherited.contains { $0.key == entry.key } }
    return YAMLNode(content: .mapping(entries), position: position)
  }
}
