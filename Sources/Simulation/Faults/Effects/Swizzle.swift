/// Some hosts are clogged one by one in the first half of an interval, and freed in another order in the
/// second: a way to bring messages into orders that no single failure gives.
///
/// Source: the "swizzle-clog" of FoundationDB's simulator (Miller, Strange Loop 2014).
final class Swizzle: FaultEffect {
  private let network: Network?
  private let victims: Int
  private var clogs: [LinkImpairment] = []
  private var isOver = false

  init(of hosts: [Host], from others: [Host], within interval: Interval, stream: String) {
    network = hosts.first?.simulation.network
    guard let simulation = hosts.first?.simulation else {
      victims = 0
      return
    }
    let random = simulation.random(stream)
    var chosen = hosts
    random.shuffle(&chosen)
    chosen = Array(chosen.prefix(1 + random.index(below: chosen.count)))
    victims = chosen.count
    let half = interval / 2
    let ids = others.map(\.id)
    for host in chosen {
      let start = random.interval(in: .zero...half)
      let end = half + random.interval(in: .zero...half)
      simulation.loop.schedule(at: simulation.now + start) { [self] in
        guard !isOver else { return }
        let clog = simulation.network.impair(
          [host.id], to: ids, with: .clogged, oneWay: false, name: "\(stream)/\(host.name)")
        clogs.append(clog)
        simulation.loop.schedule(at: simulation.now + (end - start)) {
          simulation.network.heal(clog)
        }
      }
    }
  }

  func end() {
    isOver = true
    for clog in clogs { network?.heal(clog) }
  }

  var count: Int { clogs.reduce(0) { $0 + Int($1.disturbedCount) } }
  var evidence: String { "\(count) packets held back at \(clogs.count) of \(victims) hosts" }
}
