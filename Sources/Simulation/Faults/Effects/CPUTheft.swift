/// Neighbours take the time of hosts' CPUs.
final class CPUTheft: FaultEffect {
  private let hosts: [Host]
  private let factor: Int
  private let before: [Interval]
  private var after: [Interval]?

  init(on hosts: [Host], factor: Int) {
    (self.hosts, self.factor) = (hosts, factor)
    before = hosts.map(\.processor.timeStolen)
    for host in hosts { host.processor.steal(factor) }
  }

  func end() {
    after = hosts.map(\.processor.timeStolen)
    for host in hosts { host.processor.giveBack(factor) }
  }

  /// Microseconds for which vCPUs that had something to do were not there.
  var count: Int {
    zip(after ?? hosts.map(\.processor.timeStolen), before).reduce(0) {
      $0 + Int(($1.0 - $1.1).nanoseconds / 1_000)
    }
  }

  var evidence: String {
    "CPU work took \(factor) times as long; neighbours took \(count) µs of its time"
  }
}
