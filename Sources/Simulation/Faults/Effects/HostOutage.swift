/// Hosts lose power, all at one instant, and have it back at the end.
final class HostOutage: FaultEffect {
  private let hosts: [Host]
  private let lost: Int
  let count: Int

  init(of hosts: [Host], _ unflushed: UnflushedWrites) {
    self.hosts = hosts
    let before = Self.lostWrites(hosts)
    count = hosts.count { $0.cutPower(unflushed) }
    lost = Self.lostWrites(hosts) - before
  }

  func end() { for host in hosts { host.restorePower() } }

  private static func lostWrites(_ hosts: [Host]) -> Int {
    hosts.reduce(0) { $0 + $1.meter(.diskLostWrites).total }
  }

  var evidence: String {
    "\(count) of \(hosts.count) hosts were up and went down; \(lost) unflushed writes were lost"
  }
}
