/// Hosts lose power, all at one instant, and boot at the end.
final class HostOutage: FaultEffect {
  private let victims: [Host]
  private let targets: Int
  private let lost: UInt64

  init(of hosts: [Host], _ unflushed: UnflushedWrites) {
    targets = hosts.count
    victims = hosts.filter(\.isUp)
    let before = Self.lostWrites(victims)
    for host in victims { host.crash(unflushed) }
    lost = Self.lostWrites(victims) - before
  }

  func end() { for host in victims { host.boot() } }

  private static func lostWrites(_ hosts: [Host]) -> UInt64 {
    hosts.flatMap(\.disks).reduce(0) { $0 + $1.counters.lostWrites }
  }

  var count: Int { victims.count }
  var evidence: String {
    "\(count) of \(targets) hosts were up and went down; \(lost) unflushed writes were lost"
  }
}
