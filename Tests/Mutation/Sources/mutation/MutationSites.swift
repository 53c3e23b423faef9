internal import SwiftOperators
internal import SwiftParser
internal import SwiftSyntax

/// A place in a file that could be changed.
struct MutationSite {
  let kind: String
  /// The function, initializer or property that it is in.
  let declaration: String
  /// What stands in the place of what.
  let change: String
  /// The same after lines were added elsewhere: what is changed, and which of those that are alike it is.
  var identity: String
  let range: Range<Int>
  /// With ``Edit/placeholder``.
  let replacement: String
}

/// Finds the places.
final class MutationSites: SyntaxVisitor {
  private var sites: [MutationSite] = []
  private var alike: [String: Int] = [:]

  static func all(in text: String) -> [MutationSite] {
    let file = Parser.parse(source: text)
    // `a < b && c` is a row of words until the operators' precedence is known.
    let folded = OperatorTable.standardOperators.foldAll(file) { _ in }
    let finder = MutationSites(viewMode: .sourceAccurate)
    finder.walk(folded)
    return finder.sites
  }

  // MARK: What is left alone

  private static let spared = [
    "precondition", "preconditionFailure", "assert", "assertionFailure", "fatalError", "emit",
    "probe",
    "buggify", "has", "noteStruck", "reserveCapacity", "milliseconds", "microseconds", "seconds",
    "nanoseconds", "minutes", "hours", "store", "load", "meter", "tunable", "random", "notice",
  ]

  override func visit(_ node: FunctionCallExprSyntax) -> SyntaxVisitorContinueKind {
    let called = node.calledExpression.trimmedDescription
    let name = called.split(whereSeparator: { !($0.isLetter || $0.isNumber || $0 == "_") }).last
    return name.map { Self.spared.contains(String($0)) } == true ? .skipChildren : .visitChildren
  }

  override func visit(_ node: StringLiteralExprSyntax) -> SyntaxVisitorContinueKind {
    .skipChildren
  }
  override func visit(_ node: AttributeSyntax) -> SyntaxVisitorContinueKind { .skipChildren }
  override func visit(_ node: EnumCaseDeclSyntax) -> SyntaxVisitorContinueKind { .skipChildren }
  override func visit(_ node: TypeAnnotationSyntax) -> SyntaxVisitorContinueKind { .skipChildren }

  override func visit(_ node: FunctionDeclSyntax) -> SyntaxVisitorContinueKind {
    ["encode", "explain", "describe", "tell"].contains(node.name.text)
      ? .skipChildren : .visitChildren
  }

  override func visit(_ node: VariableDeclSyntax) -> SyntaxVisitorContinueKind {
    let names = node.bindings.map { $0.pattern.trimmedDescription }
    let isText = names.contains {
      ["description", "errorDescription", "message", "name"].contains($0)
    }
    // What is written once for all, such as a size on disk, is no mistake that could be switched on.
    let isStatic = node.modifiers.contains { $0.name.text == "static" }
    return isText || isStatic ? .skipChildren : .visitChildren
  }

  /// Talk of faults on purpose and of measurements is not the engine's own.
  private func isSpared(_ text: String) -> Bool {
    ["Defect.", "buggify", "meters.", "isForced", ".probe(", ".emit("].contains {
      text.contains($0)
    }
  }

  // MARK: What is changed

  private static let comparisons = [
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==",
  ]
  private static let arithmetic = [
    "+": "-", "-": "+", "*": "/", "/": "*", "&+": "&-", "&-": "&+", "+=": "-=", "-=": "+=",
  ]
  private static let logic = ["&&": "||", "||": "&&"]

  override func visitPost(_ node: InfixOperatorExprSyntax) {
    guard let symbol = node.operator.as(BinaryOperatorExprSyntax.self)?.operator.text else {
      return
    }
    let kinds = [
      ("comparison", Self.comparisons), ("arithmetic", Self.arithmetic), ("logic", Self.logic),
    ]
    for (kind, table) in kinds {
      guard let other = table[symbol] else { continue }
      let (left, right) = (
        node.leftOperand.trimmedDescription, node.rightOperand.trimmedDescription
      )
      let changed = "\(left) \(other) \(right)"
      add(kind, node, "\(symbol) → \(other)", changed)
    }
  }

  override func visitPost(_ node: ConditionElementSyntax) {
    guard case .expression(let condition) = node.condition else { return }
    add("condition", condition, "negated", "!(\(condition.trimmedDescription))")
  }

  override func visitPost(_ node: WhereClauseSyntax) {
    add("condition", node.condition, "negated", "!(\(node.condition.trimmedDescription))")
  }

  override func visitPost(_ node: IntegerLiteralExprSyntax) {
    guard let number = Int(node.literal.text), number <= 64 else { return }
    // A place in a tuple, an index of a page's layout or the like does not come by one off.
    add("constant", node, "\(number) → \(number + 1)", "\(number + 1)")
  }

  override func visitPost(_ node: CodeBlockItemSyntax) {
    guard case .expr(var call) = node.item, let list = node.parent?.as(CodeBlockItemListSyntax.self)
    else { return }
    // The one expression of a body may be its value.
    if list.count == 1, list.parent?.is(ClosureExprSyntax.self) == true { return }
    let whole = call
    while true {
      if let inner = call.as(TryExprSyntax.self) {
        call = inner.expression
      } else if let inner = call.as(AwaitExprSyntax.self) {
        call = inner.expression
      } else {
        break
      }
    }
    guard let call = call.as(FunctionCallExprSyntax.self) else { return }
    let called = call.calledExpression.trimmedDescription
    let name = called.split(whereSeparator: { !($0.isLetter || $0.isNumber || $0 == "_") }).last
    if let name, Self.spared.contains(String(name)) { return }
    if called.contains(".init") || called.hasPrefix("fields.") || called.hasPrefix("text.") {
      return
    }
    guard let declaration = declaration(of: Syntax(node)), !isSpared(whole.trimmedDescription)
    else {
      return
    }
    append(
      MutationSite(
        kind: "call dropped", declaration: declaration, change: Self.short(whole) + " left out",
        identity: "", range: range(of: whole),
        replacement: "if !\(Edit.placeholder) { \(whole.trimmedDescription) }"))
  }

  // MARK: Noting

  private func add(
    _ kind: String, _ node: some ExprSyntaxProtocol, _ what: String, _ changed: String
  ) {
    let text = node.trimmedDescription
    guard let declaration = declaration(of: Syntax(node)), !isSpared(text) else { return }
    append(
      MutationSite(
        kind: kind, declaration: declaration,
        change: "\(Self.short(node)): \(what)"
          + (kind == "constant" ? " in " + line(of: node) : ""),
        identity: "", range: range(of: node),
        replacement: "(\(Edit.placeholder) ? (\(changed)) : (\(text)))"))
  }

  private func append(_ site: MutationSite) {
    let identity = "\(site.kind) \(site.declaration) \(site.change)"
    let number = alike[identity, default: 0]
    alike[identity] = number + 1
    var site = site
    site.identity = "\(identity) \(number)"
    sites.append(site)
  }

  private func range(of node: some SyntaxProtocol) -> Range<Int> {
    node.positionAfterSkippingLeadingTrivia
      .utf8Offset..<node.endPositionBeforeTrailingTrivia.utf8Offset
  }

  private static func short(_ node: some SyntaxProtocol) -> String {
    let words = node.trimmedDescription.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return words.count <= 90 ? words : words.prefix(87) + "..."
  }

  /// The statement around a constant, by which a person knows it.
  private func line(of node: some SyntaxProtocol) -> String {
    var around = Syntax(node)
    while let parent = around.parent, !around.is(CodeBlockItemSyntax.self),
      parent.trimmedDescription.count < 90
    {
      around = parent
    }
    return Self.short(around)
  }

  /// The names of what the node is in; `nil` outside of any body.
  private func declaration(of node: Syntax) -> String? {
    var names: [String] = []
    var isInBody = false
    var current: Syntax? = node
    while let here = current {
      if let function = here.as(FunctionDeclSyntax.self) {
        names.append(function.name.text)
        isInBody = true
      } else if here.is(InitializerDeclSyntax.self) {
        names.append("init")
        isInBody = true
      } else if here.is(SubscriptDeclSyntax.self) {
        names.append("subscript")
        isInBody = true
      } else if here.is(AccessorBlockSyntax.self),
        let binding = here.parent?.as(PatternBindingSyntax.self)
      {
        names.append(binding.pattern.trimmedDescription)
        isInBody = true
      } else if let type = here.as(StructDeclSyntax.self) {
        names.append(type.name.text)
      } else if let type = here.as(ClassDeclSyntax.self) {
        names.append(type.name.text)
      } else if let type = here.as(EnumDeclSyntax.self) {
        names.append(type.name.text)
      } else if let type = here.as(ExtensionDeclSyntax.self) {
        names.append(type.extendedType.trimmedDescription)
      }
      current = here.parent
    }
    return isInBody ? names.reversed().joined(separator: ".") : nil
  }
}
