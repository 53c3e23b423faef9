/// Hosts' interfaces send less than they could.
final class BandwidthLimit: FaultEffect {
  private let hosts: [Host]
  private let limit: Int64
  /// Those that could send more, and when each had sent what it had at the beginning.
  private let slowed: [(host: Host, sentBefore: Instant)]
  /// Once it is over.
  private var outcome: Int?

  init(of hosts: [Host], to limit: Int64) {
    (self.hosts, self.limit) = (hosts, limit)
    slowed = hosts.filter { $0.simulation.network.bandwidth(of: $0.id) > limit }
      .map { ($0, $0.simulation.network.lastTransmission(of: $0.id)) }
    for host in hosts { host.simulation.network.limitBandwidth(of: host.id, to: limit) }
  }

  func end() {
    outcome = count
    for host in hosts { host.simulation.network.liftLimit(of: host.id, to: limit) }
  }

  /// Interfaces that have sent something more slowly than they would have.
  var count: Int {
    outcome
      ?? slowed.count { host, before in
        host.simulation.network.lastTransmission(of: host.id) > before
      }
  }

  var evidence: String {
    let rate =
      limit % (1 << 20) == 0
      ? "\(limit >> 20) MiB/s"
      : limit % (1 << 10) == 0 ? "\(limit >> 10) KiB/s" : "\(limit) bytes/s"
    return "\(count) of \(hosts.count) interfaces sent more slowly, at \(rate)"
  }
}
