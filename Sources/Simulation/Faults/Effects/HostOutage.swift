/// Hosts lose power, all at one instant, and have it back at the end.
final class HostOutage: FaultEffect {
  private let hosts: [Host]
  private let lost: UInt64
  let count: Int

  init(of hosts: [Host], _ unflushed: UnflushedWrites) {
    self.hosts = hosts
    let before = Self.lostWrites(hosts)
    count = hosts.count { $0.cutPower(unflushed) }
    lost = Self.lostWrites(hosts) - before
  }

  func end() { for host in hosts { host.restorePower() } }

  private static func lostWrites(_ hosts: [Host]) -> UInt64 {
    hosts.flatMap(\.disks).reduce(0) { $0 + $1.counters.lostWrites }
  }

  var evidence: String {
    "\(count) of \(hosts.count) hosts were up and went down; \(lost) unflushed writes were lost"
  }
}
