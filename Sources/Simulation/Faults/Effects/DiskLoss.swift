/// Disks are gone: operations fail until blank ones are in their places, with which the hosts boot.
final class DiskLoss: FaultEffect {
  private let hosts: [Host]
  private let failures: DiskDisturbance

  init(on hosts: [Host], stream: String) {
    self.hosts = hosts.filter(\.isUp)
    failures = DiskDisturbance(.failing(1), on: hosts, stream: stream)
    for disk in hosts.flatMap(\.disks) { disk.erase() }
  }

  func end() {
    failures.end()
    for host in hosts {
      _ = host.cutPower(.areLost)
      host.restorePower()
    }
  }

  var count: Int { hosts.count }
  var evidence: String {
    "the disks of \(count) hosts were lost, and \(failures.count) operations failed"
  }
}
