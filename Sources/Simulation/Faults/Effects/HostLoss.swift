/// Hosts are lost with their disks, and come back with blank ones.
final class HostLoss: FaultEffect {
  private let hosts: [Host]

  init(of hosts: [Host]) {
    self.hosts = hosts
    for host in hosts {
      _ = host.cutPower(.areLost)
      for disk in host.disks { disk.erase() }
    }
  }

  func end() { for host in hosts { host.restorePower() } }

  /// Those that were down already have lost their disks, too.
  var count: Int { hosts.count }
  var evidence: String { "\(count) hosts were lost with their disks" }
}
