/// Hosts lose power in the middle of a write, of which only the first sectors land.
final class TornWrites: FaultEffect {
  private var victims: [Host] = []
  private let hosts: [Host]
  private let before: Int
  private var isOver = false

  init(on hosts: [Host]) {
    self.hosts = hosts
    before = Self.torn(hosts)
    for host in hosts where host.isUp {
      for disk in host.disks {
        disk.whenWriting { [weak self, weak host] in
          guard let self, let host else { return }
          // The write itself goes on: power fails right after it.
          host.simulation.loop.schedule(at: host.simulation.now) { self.strike(host) }
        }
      }
    }
  }

  private func strike(_ host: Host) {
    guard !isOver, host.isUp else { return }
    victims.append(host)
    _ = host.cutPower(.areTorn)
  }

  func end() {
    isOver = true
    for host in victims { host.restorePower() }
  }

  private static func torn(_ hosts: [Host]) -> Int {
    hosts.reduce(0) { $0 + $1.meter(.diskTornWrites).total }
  }

  var count: Int { Self.torn(hosts) - before }
  var evidence: String { "\(victims.count) hosts lost power, and \(count) writes were torn" }
}
