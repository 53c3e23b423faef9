internal import Yams

/// A piece of a plan on its way to text: the counterpart of ``Field``.
///
/// Keys keep the order in which they are given, so that a plan is the same bytes every time.
enum PlanNode: Sendable {
  case scalar(String)
  /// A list over several lines.
  case list([PlanNode])
  /// A mapping over several lines.
  case block([(key: String, value: PlanNode?)])
  /// A mapping on one line.
  case line([(key: String, value: PlanNode?)])
  /// A list on one line.
  case words([PlanNode])

  static func value(_ value: some ScalarValue) -> PlanNode { .scalar(value.scalar) }

  static func choice(_ value: some RawRepresentable<String>) -> PlanNode {
    .scalar(value.rawValue)
  }
}

extension PlanNode {
  /// The YAML of a mapping, with a blank line before each key whose value takes several lines.
  static func document(_ entries: [(key: String, value: PlanNode?)]) -> String {
    var text = ""
    for (key, value) in entries {
      guard let value else { continue }
      let node = PlanNode.block([(key, value)]).yamsNode
      // Serializing a tree of scalars, lists and mappings has no way to fail but memory.
      guard let yaml = try? Yams.serialize(node: node, width: -1, allowUnicode: true) else {
        preconditionFailure("a plan always has a YAML text")
      }
      let isLong = yaml.count { $0 == "\n" } > 1
      text += isLong && !text.isEmpty ? "\n\(yaml)" : yaml
    }
    return text
  }

  private var yamsNode: Node {
    switch self {
    case .scalar(let text):
      // What YAML would read as nothing is quoted; the language takes all else as text anyway.
      let isNothing = text.isEmpty || text == "~" || text == "null"
      return .scalar(.init(text, .implicit, isNothing ? .doubleQuoted : .any))
    case .list(let items):
      return .sequence(.init(items.map(\.yamsNode), .implicit, items.isEmpty ? .flow : .block))
    case .words(let items):
      return .sequence(.init(items.map(\.yamsNode), .implicit, .flow))
    case .block(let entries):
      return .mapping(.init(Self.pairs(entries), .implicit, .block))
    case .line(let entries):
      return .mapping(.init(Self.pairs(entries), .implicit, .flow))
    }
  }

  private static func pairs(_ entries: [(key: String, value: PlanNode?)]) -> [(Node, Node)] {
    entries.compactMap { entry in
      entry.value.map { (Node.scalar(.init(entry.key)), $0.yamsNode) }
    }
  }
}

/// The entries of a mapping on its way to text, in order; those without a value are left out.
typealias PlanFields = [(key: String, value: PlanNode?)]
