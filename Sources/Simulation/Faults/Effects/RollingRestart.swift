/// One host after another goes down and comes up again.
final class RollingRestart: FaultEffect {
  private let hosts: [Host]
  private let downtime: Interval
  private let period: Interval
  private var down: [Host] = []
  private var isOver = false
  private(set) var count = 0

  init(of hosts: [Host], down downtime: Interval, every period: Interval) {
    (self.hosts, self.downtime, self.period) = (hosts, downtime, period)
    restart(0)
  }

  private func restart(_ place: Int) {
    guard !isOver, place < hosts.count else { return }
    let host = hosts[place]
    let simulation = host.simulation
    if host.cutPower() { count += 1 }
    down.append(host)
    simulation.loop.schedule(at: simulation.now + downtime) { [self] in restore(host) }
    simulation.loop.schedule(at: simulation.now + period) { [self] in restart(place + 1) }
  }

  private func restore(_ host: Host) {
    guard let place = down.firstIndex(where: { $0 === host }) else { return }
    down.remove(at: place)
    host.restorePower()
  }

  func end() {
    isOver = true
    for host in down { restore(host) }
  }

  var evidence: String { "\(count) of \(hosts.count) hosts were restarted, one after another" }
}
