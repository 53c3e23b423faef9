public import Simulation

/// Answers DNS queries about clusters, from zones that control planes give it.
///
/// Models Route 53 for the names under `rds.amazonaws.com`: a regional service, here one process. Zones
/// live in memory; after a restart it has none, answers "server failure", and asks for them.
public final class NameServer {
  /// The program's name among the processes of its host.
  public static let programName = "name-server"
  /// The fault point at which it takes no newer zone: its answers are stale.
  public static let stalePoint = "name-server.stale"

  private let process: Process
  private let clusters: [(identifier: String, controlPlane: Address)]
  private let refresh: Interval
  private var zones: [Entry] = []

  private struct Entry {
    let cluster: String
    var zone: Zone
    /// How many answers each record has given, to rotate its aliases.
    var answers: [Int]
  }

  /// Installs a name server on a host, which starts it again when it crashes.
  ///
  /// - Parameters:
  ///   - clusters: whose zones it serves, and where their control planes listen.
  ///   - refresh: between its questions whether a zone is still the newest.
  /// - Returns: where to send queries.
  @discardableResult
  public static func install(
    on host: Host, for clusters: [(identifier: String, controlPlane: Address)],
    refresh: Interval = ClusterTiming().zoneRefresh
  ) -> Address {
    host.install(programName, restartDelay: .seconds(1)) { process in
      let server = NameServer(process: process, clusters: clusters, refresh: refresh)
      process.bind(Ports.dns, to: server)
      process.spawn { try await server.keepFresh() }
    }
    return Address(host: host.id, port: Ports.dns)
  }

  private init(
    process: Process, clusters: [(identifier: String, controlPlane: Address)], refresh: Interval
  ) {
    (self.process, self.clusters, self.refresh) = (process, clusters, refresh)
  }

  private var isComplete: Bool { zones.count >= clusters.count }

  /// Asks for newer zones: often as long as there is none.
  private func keepFresh() async throws(ProcessEnded) {
    while true {
      for cluster in clusters {
        let serial = zones.first { $0.cluster == cluster.identifier }?.zone.serial ?? 0
        process.send(
          ControlMessage.zoneRequest(serial).encoded(for: cluster.identifier), from: Ports.dns,
          to: cluster.controlPlane)
      }
      try await process.sleep(for: isComplete ? refresh : min(refresh, .seconds(1)))
    }
  }
}

extension NameServer: DatagramHandler {
  public func receive(_ datagram: Datagram) {
    if let (cluster, message) = ControlMessage.decode(datagram.payload) {
      guard case .zone(let zone) = message else { return }
      process.send(
        ControlMessage.zoneAcknowledged(adopt(zone, of: cluster)).encoded(for: cluster),
        from: Ports.dns, to: datagram.source)
    } else if let query = DNSMessage(decoding: datagram.payload), !query.isResponse {
      process.send(answer(query).encoded(), from: Ports.dns, to: datagram.source)
    }
  }

  /// Takes a zone, unless it has a newer one.
  ///
  /// - Returns: the serial that it has now.
  private func adopt(_ zone: Zone, of cluster: String) -> UInt64 {
    if process.isForced(Self.stalePoint), let known = zones.first(where: { $0.cluster == cluster })
    {
      return known.zone.serial
    }
    guard let index = zones.firstIndex(where: { $0.cluster == cluster }) else {
      zones.append(Entry(cluster: cluster, zone: zone, answers: zone.records.map { _ in 0 }))
      return zone.serial
    }
    if zone.serial > zones[index].zone.serial {
      let before = zones[index]
      zones[index].zone = zone
      zones[index].answers = zone.records.map { record in
        before.zone.records.firstIndex { $0.name == record.name }.map { before.answers[$0] } ?? 0
      }
    }
    return zones[index].zone.serial
  }

  private func answer(_ query: DNSMessage) -> DNSMessage {
    var response = DNSMessage(id: query.id, isResponse: true, question: query.question)
    var name = query.question
    // Chains are one alias long; a longer one is a circle.
    for _ in 0..<8 {
      guard let (record, turn) = take(name) else { break }
      let lifetime = UInt32(clamping: record.lifetime.nanoseconds / 1_000_000_000)
      switch record.target {
      case .host(let host):
        response.answers.append(
          DNSMessage.Record(name: name, lifetime: lifetime, value: .address(host)))
        return response
      case .aliases(let names):
        let alias = names[turn % names.count]
        response.answers.append(
          DNSMessage.Record(name: name, lifetime: lifetime, value: .alias(alias)))
        name = alias
      }
    }
    // Whether there is no such name it can tell only when it has all zones.
    if response.answers.isEmpty { response.code = isComplete ? .nameError : .serverFailure }
    return response
  }

  /// The record of this name, and whose turn it is among its aliases.
  private func take(_ name: String) -> (record: Zone.Record, turn: Int)? {
    for index in zones.indices {
      guard let place = zones[index].zone.records.firstIndex(where: { $0.name == name }) else {
        continue
      }
      defer { zones[index].answers[place] &+= 1 }
      return (zones[index].zone.records[place], zones[index].answers[place])
    }
    return nil
  }
}
