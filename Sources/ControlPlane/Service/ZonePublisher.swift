import Simulation

/// Brings the newest zone of a cluster to every name server, and knows when it is there.
struct ZonePublisher: Sendable {
  private struct Server: Sendable {
    let address: Address
    var acknowledged: UInt64 = 0
    var sentAt = Instant.start
  }

  private(set) var zone: Zone
  private let retryInterval: Interval
  private var servers: [Server]

  /// Whether there is anything to publish yet: an empty zone would take all names away.
  private var isReady: Bool { !zone.records.isEmpty }

  /// - Parameter serial: the last one that may have been used before.
  init(servers: [Address], after serial: UInt64, retryInterval: Interval) {
    self.servers = servers.map { Server(address: $0) }
    zone = Zone(serial: serial, records: [])
    self.retryInterval = retryInterval
  }

  /// Whether a majority of the name servers have the newest zone.
  var isPublished: Bool {
    isReady && servers.count { $0.acknowledged >= zone.serial } * 2 > servers.count
  }

  /// Replaces the records.
  ///
  /// - Returns: whether they are others than before; only then there is something to send.
  mutating func update(_ records: [Zone.Record]) -> Bool {
    guard records != zone.records else { return false }
    paranoid(
      servers.allSatisfy { $0.acknowledged <= zone.serial },
      "a name server has a zone that is not made yet")
    zone = Zone(serial: zone.serial + 1, records: records)
    return true
  }

  mutating func acknowledge(_ serial: UInt64, by address: Address) {
    guard let index = servers.firstIndex(where: { $0.address == address }) else { return }
    outdo(serial)
    servers[index].acknowledged = max(servers[index].acknowledged, serial)
  }

  /// A name server says what it has; one that was restarted has less than before.
  ///
  /// - Returns: whether it needs the zone.
  mutating func note(_ serial: UInt64, of address: Address, at now: Instant) -> Bool {
    guard let index = servers.firstIndex(where: { $0.address == address }) else { return false }
    outdo(serial)
    servers[index].acknowledged = serial
    guard isReady, serial < zone.serial else { return false }
    servers[index].sentAt = now
    return true
  }

  /// A server has a zone that is not remembered here: ours must be newer to be taken.
  private mutating func outdo(_ serial: UInt64) {
    if serial > zone.serial { zone.serial = serial + 1 }
  }

  /// The servers that the zone is to be sent to: all that do not have it and were not sent it just now.
  ///
  /// - Parameter isNew: whether the zone has just changed, so that all must get it at once.
  mutating func due(at now: Instant, isNew: Bool = false) -> [Address] {
    guard isReady else { return [] }
    var due: [Address] = []
    for index in servers.indices where servers[index].acknowledged < zone.serial {
      guard isNew || now >= servers[index].sentAt + retryInterval else { continue }
      servers[index].sentAt = now
      due.append(servers[index].address)
    }
    return due
  }

  var deadline: Instant {
    guard isReady else { return .distantFuture }
    var earliest = Instant.distantFuture
    for server in servers where server.acknowledged < zone.serial {
      earliest = min(earliest, server.sentAt + retryInterval)
    }
    return earliest
  }
}
