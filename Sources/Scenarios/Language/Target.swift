/// What a fault strikes: a role, a place or a name, resolved to hosts when the fault fires.
///
/// `writer` is whoever is the writer at that instant, so a second `crash` of `writer` strikes the
/// instance that was promoted after the first.
public enum Target: Hashable, Codable, Sendable {
  /// `writer`: the instance that is the writer when the fault fires.
  case writer
  /// `reader`: one of the readers, drawn from the run's seed when the fault fires.
  case anyReader
  /// `readers`: every instance that is a reader when the fault fires.
  case readers
  /// `r1`: the instance of this id, whatever its role.
  case instance(String)
  /// `instances` or `instances@b`: every database instance, or those in one AZ.
  case instances(AvailabilityZoneLetter?)
  /// `storage` or `storage@b`: every storage node, or those in one AZ.
  case storage(AvailabilityZoneLetter?)
  /// `storage@b[1]`: one storage node, counted from 0 within its AZ.
  case storageNode(AvailabilityZoneLetter, index: Int)
  /// `az-a`: everything in the AZ: instances, storage nodes, and clients placed there.
  case zone(AvailabilityZoneLetter)
  /// `agents` or `agents@b`, `agent@writer`, `agent@r1`: the host agents of these instances, which start
  /// and watch their engines. They are programs, and have no host to themselves.
  indirect case agents(of: Target)
  /// `control-plane`: health monitor and failover; as a place, the name server's host as well.
  case controlPlane
  /// `name-server`: the name server alone.
  case nameServer
  /// `clients`: every client host.
  case clients
  /// `app`: the hosts of the client of this id.
  case client(String)
  /// `2 of storage@b`: so many of several, drawn from the run's seed when the fault fires.
  indirect case lot(Int, of: Target)
}

/// One of the three Availability Zones over which a volume lies.
public enum AvailabilityZoneLetter: String, CaseIterable, Codable, Sendable {
  case a, b, c
}

extension Target {
  /// Words that mean a role or a place, and so cannot be ids.
  static let reserved =
    [
      "writer", "reader", "readers", "instances", "storage", "agents", "control-plane",
      "name-server",
      "clients",
    ] + AvailabilityZoneLetter.allCases.map { "az-\($0.rawValue)" }

  /// What a lot is drawn from; itself, unless it is one.
  var whole: Target { if case .lot(_, let target) = self { target } else { self } }

  /// Whether it may be several hosts, of which some can be drawn.
  fileprivate var isSeveral: Bool {
    switch self {
    case .readers, .instances, .storage, .zone, .clients, .client: true
    case .agents(let instances): instances.isSeveral
    case .writer, .anyReader, .instance, .storageNode, .controlPlane, .nameServer, .lot: false
    }
  }

  /// Whether it can only ever mean database instances.
  var isInstance: Bool {
    switch whole {
    case .writer, .anyReader, .readers, .instance, .instances: true
    case .storage, .storageNode, .zone, .agents, .controlPlane, .nameServer, .clients, .client,
      .lot:
      false
    }
  }

  var isStorage: Bool {
    switch whole {
    case .storage, .storageNode: true
    default: false
    }
  }

  var isAgent: Bool { if case .agents = whole { true } else { false } }
}

extension Target: CustomStringConvertible {
  /// As a scenario writes it.
  public var description: String {
    switch self {
    case .writer: "writer"
    case .anyReader: "reader"
    case .readers: "readers"
    case .instance(let id), .client(let id): id
    case .instances(let zone): "instances" + (zone.map { "@\($0.rawValue)" } ?? "")
    case .storage(let zone): "storage" + (zone.map { "@\($0.rawValue)" } ?? "")
    case .storageNode(let zone, let index): "storage@\(zone.rawValue)[\(index)]"
    case .zone(let zone): "az-\(zone.rawValue)"
    case .agents(of: .instances(let zone)): "agents" + (zone.map { "@\($0.rawValue)" } ?? "")
    case .agents(let instance): "agent@\(instance)"
    case .controlPlane: "control-plane"
    case .nameServer: "name-server"
    case .clients: "clients"
    case .lot(let count, let target): "\(count) of \(target)"
    }
  }
}

/// The hosts of a scenario that targets can name.
struct TargetNames {
  let instances: [String]
  let clients: [String]
  let storageNodesPerZone: Int

  var all: [String] { Target.reserved + instances + clients }
}

extension Field {
  /// What a fault strikes; every name in it must exist.
  func target(among names: TargetNames) throws(ScenarioError) -> Target {
    let text = try text("a target, such as writer, r1, storage@b[1], az-a or 2 of storage")
    if let place = text.firstRange(of: " of ") {
      return try lot(text[..<place.lowerBound], of: String(text[place.upperBound...]), names)
    }
    switch text {
    case "writer": return .writer
    case "reader": return .anyReader
    case "readers": return .readers
    case "control-plane": return .controlPlane
    case "name-server": return .nameServer
    case "clients": return .clients
    case "storage": return .storage(nil)
    case "instances": return .instances(nil)
    case "agents": return .agents(of: .instances(nil))
    case _ where names.instances.contains(text): return .instance(text)
    case _ where names.clients.contains(text): return .client(text)
    default: break
    }
    if text.hasPrefix("az-"), let zone = AvailabilityZoneLetter(rawValue: String(text.dropFirst(3)))
    {
      return .zone(zone)
    }
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    if parts.count == 2, parts[0] == "agent" {
      return .agents(of: try instance(String(parts[1]), among: names))
    }
    guard parts.count == 2, ["storage", "instances", "agents"].contains(parts[0]) else {
      throw refusal(.unknownName(text, kind: "target", known: names.all))
    }
    let place = parts[1].prefix { $0 != "[" }
    guard let zone = AvailabilityZoneLetter(rawValue: String(place)) else {
      throw refusal(expected: "\(parts[0])@ followed by an AZ, which is one of a, b, c")
    }
    let rest = parts[1].dropFirst(place.count)
    if rest.isEmpty {
      switch parts[0] {
      case "storage": return .storage(zone)
      case "agents": return .agents(of: .instances(zone))
      default: return .instances(zone)
      }
    }
    let last = names.storageNodesPerZone - 1
    guard parts[0] == "storage" else { throw refusal(expected: "\(parts[0])@\(place)") }
    guard rest.hasPrefix("["), rest.hasSuffix("]"),
      let index = Int(scalar: String(rest.dropFirst().dropLast())), index <= last
    else {
      throw refusal(expected: "storage@\(place)[n] with n from 0 to \(last)")
    }
    return .storageNode(zone, index: index)
  }

  /// So many of several.
  private func lot(
    _ number: Substring, of text: String, _ names: TargetNames
  ) throws(ScenarioError) -> Target {
    let inner = Field(
      node: YAMLNode(content: .text(text), position: node.position), place: place)
    let target = try inner.target(among: names)
    guard target.isSeveral else {
      throw refusal(expected: "a number of several, such as 2 of storage@b; \(target) is one")
    }
    let most: Int =
      switch target {
      case .instances, .agents: names.instances.count
      case .storage(nil): AvailabilityZoneLetter.allCases.count * names.storageNodesPerZone
      case .storage: names.storageNodesPerZone
      default: .max
      }
    guard let count = Int(scalar: String(number)), count >= 1, count <= most else {
      let limit = most == .max ? "at least 1" : "from 1 to \(most)"
      throw refusal(expected: "n of \(target) with n \(limit)")
    }
    return .lot(count, of: target)
  }

  /// The instance whose agent is meant, which stands after `agent@`.
  private func instance(_ text: String, among names: TargetNames) throws(ScenarioError) -> Target {
    switch text {
    case "writer": return .writer
    case "reader": return .anyReader
    case "readers": return .readers
    case _ where names.instances.contains(text): return .instance(text)
    default: throw refusal(expected: "agent@ followed by writer, reader, readers or an instance")
    }
  }
}
