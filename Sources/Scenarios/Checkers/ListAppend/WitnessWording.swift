import Simulation

/// Puts transactions, readings and dependencies into words.
struct WitnessWording {
  private let history: ListAppendHistory

  /// How many values of a long list are shown.
  private static let shown = 8

  init(history: ListAppendHistory) { self.history = history }

  /// `T3`, or `the final reading`.
  func name(_ transaction: Int) -> String {
    transaction == history.finalReading ? "the final reading" : "T\(transaction)"
  }

  /// `list 5`, by its label.
  func list(_ place: Int) -> String { "list \(history.labels[place])" }

  /// `[1, 2, 3]`, or the end of a long list: `[… 98, 99]`.
  func values(_ values: some Collection<Int>) -> String {
    let tail = values.suffix(Self.shown).map(String.init).joined(separator: ", ")
    return values.count > Self.shown ? "[… \(tail)]" : "[\(tail)]"
  }

  /// The transaction with its operations, its client and its time.
  func transaction(_ number: Int) -> String {
    if number == history.finalReading {
      return "The final reading, at \(history.transactions[number].invoked)"
    }
    let transaction = history.transactions[number]
    let operations = transaction.operations.map { operation in
      switch operation {
      case .append(let list, let value): "append \(value) to list \(list)"
      case .read(let list, let values): "read list \(list): \(self.values(values))"
      }
    }
    let time =
      transaction.completed.map { "\(transaction.invoked) to \($0)" }
      ?? "from \(transaction.invoked)"
    let outcome =
      switch transaction.outcome {
      case .committed: "committed"
      case .rolledBack: "rolled back"
      case .inDoubt: "in doubt"
      }
    return "T\(number) = \(operations.joined(separator: "; ")) "
      + "(client \(transaction.process), \(time), \(outcome))"
  }

  /// One dependency as a sentence with its conclusion.
  func sentence(_ edge: DependencyGraph.Edge, order: VersionOrder?) -> String {
    let (from, to) = (name(Int(edge.from)), name(Int(edge.to)))
    let conclusion = "so \(from) comes before \(to)."
    guard let order else {
      return edge.kind == .session
        ? "\(from) and \(to) are of one client in this order, \(conclusion)"
        : "\(from) was over before \(to) began, \(conclusion)"
    }
    let list = list(order.list)
    let (before, after) = (Int(edge.before), Int(edge.after))
    switch edge.kind {
    case .writeWrite:
      return "\(from) appended \(order.elements[before]) to \(list), and \(to) appended "
        + "\(order.elements[after]) after it, \(conclusion)"
    case .writeRead:
      return "\(from) appended \(order.elements[after]) to \(list), which \(to) read as "
        + "\(values(order.elements.prefix(before))), \(conclusion)"
    case .readWrite:
      return "\(from) read \(list) as \(values(order.elements.prefix(before))), without the "
        + "\(order.elements[after]) that \(to) appended, \(conclusion)"
    case .session, .realTime:
      return conclusion
    }
  }
}
