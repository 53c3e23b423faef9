/// Hosts are lost with their disks, and come back with blank ones.
final class HostLoss: FaultEffect {
  private let hosts: [Host]
  let count: Int

  init(of hosts: [Host]) {
    self.hosts = hosts
    count = hosts.count { $0.cutPower(.areLost) }
    for disk in hosts.flatMap(\.disks) { disk.erase() }
  }

  func end() { for host in hosts { host.restorePower() } }

  var evidence: String { "\(count) of \(hosts.count) hosts were lost with their disks" }
}
