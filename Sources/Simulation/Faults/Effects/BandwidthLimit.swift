/// Hosts' interfaces send less than they could.
final class BandwidthLimit: FaultEffect {
  private let hosts: [Host]
  private let limit: Int64
  let count: Int

  init(of hosts: [Host], to limit: Int64) {
    (self.hosts, self.limit) = (hosts, limit)
    count = hosts.count { $0.simulation.network.bandwidth(of: $0.id) > limit }
    for host in hosts { host.simulation.network.limitBandwidth(of: host.id, to: limit) }
  }

  func end() { for host in hosts { host.simulation.network.liftLimit(of: host.id, to: limit) } }

  var evidence: String {
    let rate =
      limit % (1 << 20) == 0
      ? "\(limit >> 20) MiB/s"
      : limit % (1 << 10) == 0 ? "\(limit >> 10) KiB/s" : "\(limit) bytes/s"
    return "\(count) of \(hosts.count) interfaces were slowed down, to \(rate)"
  }
}
