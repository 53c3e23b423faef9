/// Hosts are lost with their disks, and come back with blank ones.
final class HostLoss: FaultEffect {
  private let victims: [Host]
  private let targets: Int

  init(of hosts: [Host]) {
    targets = hosts.count
    victims = hosts.filter(\.isUp)
    for host in victims {
      host.crash(.areLost)
      for disk in host.disks { disk.erase() }
    }
  }

  func end() { for host in victims { host.boot() } }

  var count: Int { victims.count }
  var evidence: String { "\(count) of \(targets) hosts were lost with their disks" }
}
