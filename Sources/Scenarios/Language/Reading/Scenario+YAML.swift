internal import Simulation

extension Scenario {
  private static let keys = [
    "borealis", "extends", "name", "claim", "run", "cluster", "network", "disk", "clients",
    "workload", "faults", "chaos", "claims", "slo",
  ]

  /// Reads a scenario.
  ///
  /// - Parameters:
  ///   - yaml: the text of the file.
  ///   - file: its path: errors name it, and what `extends:` names is looked for beside it.
  ///   - load: gives the text of the file at a path, or `nil` if there is none that can be read.
  /// - Throws: the first problem, in the order of the sections; see ``ScenarioError``.
  public init(
    yaml: String, file: String, load: (String) -> String? = { _ in nil }
  ) throws(ScenarioError) {
    let document = try YAMLNode(parsing: yaml, file: file)
    let whole = try Self.extended(
      document, files: [RelativePath(file, from: "").text], load: load)
    try self.init(reading: Field(node: whole, place: ""))
  }

  /// The resolved plan: this scenario as YAML, with every default filled in.
  ///
  /// Reading it gives an equal scenario.
  public var yaml: String {
    PlanNode.document([
      ("borealis", .value(Self.version)),
      ("name", .scalar(name)),
      ("claim", .scalar(claim)),
      ("run", run.plan),
      ("cluster", cluster.plan),
      ("network", network.plan),
      ("disk", disk.plan),
      ("clients", .list(clients.map(\.plan))),
      ("workload", .list(workloads.map(\.plan))),
      ("faults", .list(faults.map(\.plan))),
      ("chaos", chaos?.plan),
      ("claims", claims.plan),
      ("slo", .list(objectives.map(\.plan))),
    ])
  }

  /// The fingerprint of the resolved plan: scenarios with the same one ask for the same runs.
  public var digest: String { Self.digest(ofPlan: yaml) }

  /// The fingerprint of a plan's text.
  public static func digest(ofPlan text: String) -> String {
    var digest = Digest()
    digest.fold(text)
    return digest.hexadecimal
  }

  /// Lays a document over the one that it extends, and that over its own base, and so on.
  private static func extended(
    _ document: YAMLNode, files: [String], load: (String) -> String?
  ) throws(ScenarioError) -> YAMLNode {
    guard case .mapping(let entries) = document.content,
      let entry = entries.first(where: { $0.key == "extends" })
    else { return document }
    let field = Field(node: entry.value, place: "extends")
    let name = try field.text("the name of a scenario file")
    let path = RelativePath(name, from: files.last ?? "").text
    if files.contains(path) {
      throw field.refusal(.contradiction("'\(name)' extends itself"))
    }
    guard let text = load(path) else {
      throw field.refusal(expected: "the name of a scenario file that can be read")
    }
    let base = try YAMLNode(parsing: text, file: path)
    let whole = try extended(base, files: files + [path], load: load)
    let own = entries.filter { $0.key != "extends" }
    return YAMLNode(content: .mapping(own), position: document.position).extending(whole)
  }

  private init(reading document: Field) throws(ScenarioError) {
    let root = try document.section(Self.keys, later: ["sweep", "report"])
    let versionField = try root.required("borealis")
    if try versionField.text("the version of the language") != Self.version.scalar {
      throw versionField.refusal(expected: "\(Self.version), the version of the language")
    }
    name = try root.required("name").identifier(reserved: [])
    claim = try root.required("claim").sentence()
    run = try Run(reading: root.required("run"))
    cluster = try Cluster(reading: root.required("cluster"))
    network = try root["network"].map(Network.init(reading:)) ?? Network()
    disk = try root["disk"].map(Disk.init(reading:)) ?? Disk()

    var hosts = UniqueIDs()
    try hosts.claimInstances(of: cluster, in: root)
    let instances = cluster.instances.map(\.id)

    clients = []
    for field in try root.required("clients").items() {
      let client = try Client(reading: field, instances: instances)
      try hosts.claim(client.id, in: field)
      clients.append(client)
    }

    workloads = []
    var workloadIDs = UniqueIDs()
    for field in try root.required("workload").items() {
      let workload = try Workload(reading: field, clients: clients, horizon: run.horizon)
      try workloadIDs.claim(workload.id, in: field)
      if let other = workloads.first(where: { !$0.mix.sharesTables(with: workload.mix) }) {
        throw field.refusal(
          .contradiction(
            "workloads of the mix \(workload.mix.name) share tables, and '\(other.id)' has"
              + " another size of them"))
      }
      workloads.append(workload)
    }

    let names = TargetNames(
      instances: instances, clients: clients.map(\.id),
      storageNodesPerZone: cluster.volume.storageNodesPerZone)
    var series: [FaultSeries] = []
    for field in try root["faults"]?.items() ?? [] {
      series.append(try FaultSeries(reading: field))
    }
    let faultFields = series.flatMap(\.members)
    var faultIDs = UniqueIDs()
    for field in try root["faults"]?.items() ?? [] { try faultIDs.claimID(of: field) }
    for series in series where series.members.count > 1 {
      for field in series.members { try faultIDs.claimID(of: field) }
    }
    faults = try Self.faults(reading: faultFields, names: names, ids: faultIDs.all)
    let (horizon, workloadCount) = (run.horizon, workloads.count)
    chaos = try root["chaos"].map { (field) throws(ScenarioError) in
      try Chaos(reading: field, workloadCount: workloadCount, horizon: horizon)
    }
    let known = faultIDs.all
    claims =
      try root["claims"].map { (field) throws(ScenarioError) in
        try Claims(reading: field, faults: known)
      } ?? Claims()
    objectives = []
    for series in series { resolveEdges(of: series) }
    for field in try root["slo"]?.items() ?? [] {
      let objective = try Objective(
        reading: field, scope: metricScope, clients: clients.map(\.id))
      try checkIsMeasured(objective, field)
      objectives.append(objective)
    }
    try checkTimes(ofFaults: faultFields)
    if let field = root["claims"] { try checkJudgeable(field) }
  }

  /// - Parameter ids: of all faults and series of faults, since one may be anchored to another that comes later.
  private static func faults(
    reading fields: [Field], names: TargetNames, ids: [String]
  ) throws(ScenarioError) -> [Fault] {
    var faults: [Fault] = []
    for field in fields {
      faults.append(try Fault(reading: field, names: names, faults: ids))
    }
    return faults
  }

  /// What is anchored to a series is anchored to its first member, or to its last.
  private mutating func resolveEdges(of series: FaultSeries) {
    for index in faults.indices {
      guard case .after(let edge, let offset, let jitter) = faults[index].anchor else { continue }
      faults[index].anchor = .after(series.resolved(edge), offset: offset, jitter: jitter)
    }
    for index in claims.eventually.indices {
      guard case .edge(let edge) = claims.eventually[index].after else { continue }
      claims.eventually[index].after = .edge(series.resolved(edge))
    }
  }
}

/// Ids given so far, each with the place that gave it.
private struct UniqueIDs {
  private(set) var all: [String] = []
  private var owners = LookupTable<String, String>()

  mutating func claim(_ id: String, in field: Field) throws(ScenarioError) {
    if let owner = owners[id] {
      throw (field.child("id") ?? field).refusal(.takenID(id, by: owner))
    }
    owners[id] = field.place
    all.append(id)
  }

  /// Of a field that has one; whoever reads it refuses it without.
  mutating func claimID(of field: Field) throws(ScenarioError) {
    if case .text(let id) = field.child("id")?.node.content { try claim(id, in: field) }
  }

  mutating func claimInstances(
    of cluster: Scenario.Cluster, in root: Section
  ) throws(ScenarioError) {
    let field = try root.required("cluster")
    try claim(cluster.writer.id, in: field.child("writer") ?? field)
    for (reader, field) in zip(cluster.readers, try field.child("readers")?.items() ?? []) {
      try claim(reader.id, in: field)
    }
  }
}
