public import ControlPlane

extension Scenario {
  /// The DB cluster under test.
  public struct Cluster: Equatable, Codable, Sendable {
    public enum Engine: String, CaseIterable, Codable, Sendable {
      case auroraPostgreSQL = "aurora-postgresql"
    }

    public var engine: Engine
    /// The instance that is the writer at the start.
    public var writer: Instance
    public var readers: [Instance]
    public var volume: Volume
    public var parameters: Parameters

    public init(
      engine: Engine = .auroraPostgreSQL, writer: Instance, readers: [Instance] = [],
      volume: Volume = Volume(), parameters: Parameters = Parameters()
    ) {
      (self.engine, self.writer, self.readers) = (engine, writer, readers)
      (self.volume, self.parameters) = (volume, parameters)
    }

    /// The writer of the start, then the readers.
    public var instances: [Instance] { [writer] + readers }
  }

  /// One DB instance.
  public struct Instance: Equatable, Codable, Sendable {
    public var id: String
    public var zone: AvailabilityZoneLetter
    /// `serverless`, or the name of a provisioned class such as `db.r6g.large`.
    public var instanceClass: String
    /// The bounds of its capacity; present exactly when the class is `serverless`.
    public var capacity: ClosedRange<ServerlessCapacity>?
    /// Promotion tier, 0 to 15; the smallest is promoted first.
    public var tier: Int

    public init(
      id: String, zone: AvailabilityZoneLetter, instanceClass: String = "db.r6g.large",
      capacity: ClosedRange<ServerlessCapacity>? = nil, tier: Int = 1
    ) {
      (self.id, self.zone, self.instanceClass) = (id, zone, instanceClass)
      (self.capacity, self.tier) = (capacity, tier)
    }

    public var isServerless: Bool { instanceClass == "serverless" }
  }
}

extension Scenario.Cluster {
  init(reading field: Field) throws(ScenarioError) {
    let section = try field.section(["engine", "writer", "readers", "volume", "parameters"])
    engine = try section["engine"]?.choice() ?? .auroraPostgreSQL
    writer = try Scenario.Instance(reading: section.required("writer"), idByDefault: "w")
    readers = []
    let entries = try section["readers"]?.items() ?? []
    if entries.count > Self.readerLimit, let field = section["readers"] {
      throw field.refusal(
        .unexpected(
          found: "\(entries.count)", expected: "at most \(Self.readerLimit) readers"))
    }
    for entry in entries {
      readers.append(try Scenario.Instance(reading: entry, idByDefault: nil))
    }
    volume = try section["volume"].map(Scenario.Volume.init(reading:)) ?? Scenario.Volume()
    parameters =
      try section["parameters"].map(Scenario.Parameters.init(reading:)) ?? Scenario.Parameters()
  }

  /// Source: Aurora User Guide, "Aurora DB clusters": up to 15 replicas.
  private static let readerLimit = 15

  var plan: PlanNode {
    .block([
      ("engine", .choice(engine)),
      ("writer", writer.plan),
      ("readers", .list(readers.map(\.plan))),
      ("volume", volume.plan),
      ("parameters", parameters.plan),
    ])
  }
}

extension Scenario.Instance {
  /// - Parameter idByDefault: the id of an instance that gives none; `nil` if it must give one.
  init(reading field: Field, idByDefault: String?) throws(ScenarioError) {
    let section = try field.section(["id", "az", "class", "acu", "tier"])
    if let idByDefault, section["id"] == nil {
      id = idByDefault
    } else {
      id = try section.required("id").identifier()
    }
    zone = try section.required("az").choice()
    instanceClass = try section["class"].map(Self.className) ?? "db.r6g.large"
    tier = try section["tier"]?.value(in: 0...15) ?? 1
    if instanceClass == "serverless" {
      capacity = try section.required("acu").value(ClosedRange<ServerlessCapacity>.self)
    } else if let acu = section["acu"] {
      throw acu.refusal(.contradiction("only an instance of class serverless has a capacity"))
    } else {
      capacity = nil
    }
  }

  private static func className(_ field: Field) throws(ScenarioError) -> String {
    let example = "db.r6g.large"
    let name = try field.text("serverless or an instance class, such as \(example)")
    guard let known = InstanceClass(named: name) else {
      let names = InstanceClass.all.map(\.name)
      let nearest = NearestName.match(for: name, among: names) ?? example
      throw field.refusal(
        expected: "serverless or an instance class that Aurora has, such as \(nearest)")
    }
    return known.isServerless ? "serverless" : known.name
  }

  var plan: PlanNode {
    .line([
      ("id", .scalar(id)), ("az", .choice(zone)), ("class", .scalar(instanceClass)),
      ("acu", capacity.map { .value($0) }), ("tier", .value(tier)),
    ])
  }
}

extension Field {
  /// Hosts of a run that are not of the scenario's making.
  private static let hosts = ["console", "name-server"]
  private static let hostPrefixes = ["storage-", "client-"]
  /// In bytes. Ids become names of hosts and folders; a DB instance identifier of RDS has as many at most.
  private static let longestID = 63

  /// An id that this place gives: a lower-case letter, then letters, digits, `_` and `-`.
  func identifier(reserved: [String] = Target.reserved + MetricFamily.reservedWords)
    throws(ScenarioError)
    -> String
  {
    let id = try text("an id")
    guard id.utf8.count <= Self.longestID else {
      throw refusal(expected: "an id of at most \(Self.longestID) characters")
    }
    guard let first = id.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first),
      id.utf8.allSatisfy({
        Self.isLowercaseLetterOrDigit($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
      })
    else {
      throw refusal(expected: "an id of lower-case letters, digits, _ and -, such as r1")
    }
    if (reserved + Self.hosts).contains(id) || Self.hostPrefixes.contains(where: id.hasPrefix) {
      throw refusal(.contradiction("'\(id)' has a meaning of its own and cannot be an id"))
    }
    return id
  }

  static func isLowercaseLetterOrDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
