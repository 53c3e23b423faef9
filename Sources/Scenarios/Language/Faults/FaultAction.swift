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
  /// Every keyword, family by family.
  static let keywords =
    Scenario.Fault.Process.keywords + Scenario.Fault.Host.keywords + Scenario.Fault.Outage.keywords
    + Scenario.Fault.Link.keywords + Scenario.Fault.Disk.keywords
    + Scenario.Fault.Resource.keywords + Scenario.Fault.Clock.keywords
    + Scenario.Fault.Names.keywords + Scenario.Fault.Statement.keywords
    + Scenario.Fault.Call.keywords

  init(reading field: Field, under keyword: String, names: TargetNames) throws(ScenarioError) {
    func read<Family: FaultFamily>(_ family: Family.Type) throws(ScenarioError) -> Family? {
      guard Family.keywords.contains(keyword) else { return nil }
      return try Family(reading: field, under: keyword, names: names)
    }
    if let process = try read(Scenario.Fault.Process.self) {
      self = .process(process)
    } else if let host = try read(Scenario.Fault.Host.self) {
      self = .host(host)
    } else if let outage = try read(Scenario.Fault.Outage.self) {
      self = .outage(outage)
    } else if let link = try read(Scenario.Fault.Link.self) {
      self = .link(link)
    } else if let disk = try read(Scenario.Fault.Disk.self) {
      self = .disk(disk)
    } else if let resource = try read(Scenario.Fault.Resource.self) {
      self = .resource(resource)
    } else if let clock = try read(Scenario.Fault.Clock.self) {
      self = .clock(clock)
    } else if let name = try read(Scenario.Fault.Names.self) {
      self = .names(name)
    } else if let statement = try read(Scenario.Fault.Statement.self) {
      self = .statement(statement)
    } else {
      self = .call(try Scenario.Fault.Call(reading: field, under: keyword, names: names))
    }
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
  /// Whom it strikes, in the words of the scenario.
  public var targets: String { family.targets }
  var plan: PlanNode { .line(family.parameters) }
  var duration: FaultDuration { family.duration }
}

extension Scenario.Fault.Action: CustomStringConvertible {
  /// What happens, as a sentence without its time.
  public var description: String { family.description }
}
