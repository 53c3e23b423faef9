/// Hosts' interfaces send less than they could.
final class BandwidthLimit: FaultEffect {
  private let limited: [(host: Host, before: Int64)]
  private let limit: Int64

  init(of hosts: [Host], to limit: Int64) {
    self.limit = limit
    limited = hosts.compactMap { host in
      let before = host.simulation.network.bandwidth(of: host.id)
      return before > limit ? (host, before) : nil
    }
    for (host, _) in limited { host.simulation.network.setBandwidth(limit, of: host.id) }
  }

  func end() {
    for (host, before) in limited { host.simulation.network.setBandwidth(before, of: host.id) }
  }

  var count: Int { limited.count }
  var evidence: String { "the interfaces of \(count) hosts were limited to \(limit) bytes/s" }
}
