/// A point in the engine's own code takes the rare way, on some hosts, until the end.
final class ForcedPoint: FaultEffect {
  private let name: String
  private let hosts: [Host]
  private let before: Int

  init(_ name: String, on hosts: [Host]) {
    (self.name, self.hosts) = (name, hosts)
    before = hosts.first?.simulation.faultPoints.passages(of: name) ?? 0
    for host in hosts { host.simulation.faultPoints.force(name, on: host) }
  }

  func end() { for host in hosts { host.simulation.faultPoints.release(name, on: host) } }

  var count: Int { (hosts.first?.simulation.faultPoints.passages(of: name) ?? 0) - before }
  var evidence: String { "\(name) was passed \(count) times" }
}
