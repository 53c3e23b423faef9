/// What the transactions of a workload do: a kind of transactions, with its parameters.
///
/// Workloads of the same mix share its tables, and so must agree on their size.
public struct Mix: Sendable {
  let kind: any MixKind

  init(_ kind: any MixKind) { self.kind = kind }

  /// Every kind that there is. A new one is a file of its own and a word here.
  static let kinds: [any MixKind.Type] = [
    TPCBMix.self, BankMix.self, ListAppendMix.self, CounterMix.self, SavepointMix.self,
    RegistryMix.self, BatchMix.self, DefinitionMix.self, ReportMix.self, ImpatientMix.self,
  ]

  /// As a scenario writes it.
  public var name: String { type(of: kind).name }

  /// Whether any of its transactions writes.
  public var writes: Bool { kind.writes }
}

extension Mix: Equatable {
  public static func == (lhs: Self, rhs: Self) -> Bool { lhs.kind.isEqual(to: rhs.kind) }
}

extension Mix {
  /// The keys of every kind, each once.
  static var keys: [String] {
    kinds.reduce(into: []) { keys, kind in keys += kind.keys.filter { !keys.contains($0) } }
  }

  init(reading section: Section) throws(ScenarioError) {
    let field = try section.required("mix")
    let name = try field.text("the name of a mix")
    let kind = try field.item(called: name, kind: "mix", among: Self.kinds) { $0.name }
    for other in Self.kinds {
      for key in other.keys where !kind.keys.contains(key) {
        guard let stray = section[key] else { continue }
        throw stray.refusal(.contradiction("it belongs to the mix \(other.name), not to \(name)"))
      }
    }
    self.init(try kind.init(reading: section))
  }

  var plan: PlanFields { kind.plan }

  /// Whether both could run over one set of tables.
  func sharesTables(with other: Mix) -> Bool { kind.mayShareTables(with: other.kind) }

  /// Rows of its tables before the first transaction.
  var rowCount: Int { kind.rowCount }

  /// Mixes with smaller tables, the smallest first.
  var simpler: [Mix] { kind.anySimpler }
}
