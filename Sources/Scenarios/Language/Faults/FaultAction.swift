extension Scenario.Fault {
  /// What breaks, of any family.
  public enum Action: Equatable, Codable, Sendable {
    case process(Process)
    case host(Host)
    case outage(Outage)
    case link(Link)
    case disk(Disk)
    case resource(Resource)
    case clock(Clock)
    case names(Names)
    case statement(Statement)
    case call(Call)
  }
}

extension Scenario.Fault.Action {
  /// A family as the reader meets it: what it is written as, and how that becomes an action.
  private struct Spelling: Sendable {
    let keywords: [String]
    let forms: [String]
    let read:
      @Sendable (Field, _ keyword: String, TargetNames) throws(ScenarioError) ->
        Scenario.Fault.Action

    init<Family: FaultFamily>(
      _ family: Family.Type, _ action: @escaping @Sendable (Family) -> Scenario.Fault.Action
    ) {
      (keywords, forms) = (Family.keywords, Family.forms)
      read = { (field, keyword, names) throws(ScenarioError) in
        action(try Family(reading: field, under: keyword, names: names))
      }
    }
  }

  private static let spellings = [
    Spelling(Scenario.Fault.Process.self) { .process($0) },
    Spelling(Scenario.Fault.Host.self) { .host($0) },
    Spelling(Scenario.Fault.Outage.self) { .outage($0) },
    Spelling(Scenario.Fault.Link.self) { .link($0) },
    Spelling(Scenario.Fault.Disk.self) { .disk($0) },
    Spelling(Scenario.Fault.Resource.self) { .resource($0) },
    Spelling(Scenario.Fault.Clock.self) { .clock($0) },
    Spelling(Scenario.Fault.Names.self) { .names($0) },
    Spelling(Scenario.Fault.Statement.self) { .statement($0) },
    Spelling(Scenario.Fault.Call.self) { .call($0) },
  ]

  /// Every keyword, family by family.
  static let keywords = spellings.flatMap(\.keywords)

  /// Every kind of fault, family by family: the keyword and, where it has several kinds, what tells them apart.
  static let forms = spellings.flatMap(\.forms)

  /// - Precondition: `keyword` is one of ``keywords``.
  init(reading field: Field, under keyword: String, names: TargetNames) throws(ScenarioError) {
    guard let spelling = Self.spellings.first(where: { $0.keywords.contains(keyword) }) else {
      preconditionFailure("no fault is written as \(keyword)")
    }
    self = try spelling.read(field, keyword, names)
  }

  private var family: any FaultFamily {
    switch self {
    case .process(let fault): fault
    case .host(let fault): fault
    case .outage(let fault): fault
    case .link(let fault): fault
    case .disk(let fault): fault
    case .resource(let fault): fault
    case .clock(let fault): fault
    case .names(let fault): fault
    case .statement(let fault): fault
    case .call(let fault): fault
    }
  }

  /// The keyword under which a scenario writes it.
  public var keyword: String { family.keyword }
  /// Its kind, as one of ``forms``.
  var form: String { family.formName }
  /// Whom it strikes, in the words of the scenario.
  public var targets: String { family.targets }
  var plan: PlanNode { .line(family.parameters) }
  var duration: FaultDuration { family.duration }
}

extension Scenario.Fault.Action: CustomStringConvertible {
  /// What happens, as a sentence without its time.
  public var description: String { family.description }
}
