/// A program is ended again and again, however often it comes back.
final class KillLoop: FaultEffect {
  private let program: String
  private let hosts: [Host]
  private let period: Interval
  private var isOver = false
  private(set) var count = 0

  init(of program: String, on hosts: [Host], every period: Interval) {
    (self.program, self.hosts, self.period) = (program, hosts, period)
    strike()
  }

  private func strike() {
    guard !isOver, let simulation = hosts.first?.simulation else { return }
    for process in hosts.compactMap({ $0.process(named: program) }) {
      process.end()
      count += 1
    }
    simulation.loop.schedule(at: simulation.now + period) { [self] in strike() }
  }

  func end() { isOver = true }

  var evidence: String { "processes were ended \(count) times" }
}
