/// Neighbours take the time of hosts' CPUs.
final class CPUTheft: FaultEffect {
  private let hosts: [Host]
  private let factor: Int
  private let before: [Interval]

  init(on hosts: [Host], factor: Int) {
    (self.hosts, self.factor) = (hosts, factor)
    before = hosts.map(\.processor.busy)
    for host in hosts { host.processor.theft *= factor }
  }

  func end() { for host in hosts { host.processor.theft /= factor } }

  /// Microseconds of work that took longer.
  var count: Int {
    guard factor > 1 else { return 0 }
    return zip(hosts, before).reduce(0) {
      $0 + Int(($1.0.processor.busy - $1.1).nanoseconds / 1_000)
    }
  }

  var evidence: String { "\(count) µs of CPU work took \(factor) times as long" }
}
