/// Hosts' clocks go wrong.
final class ClockDisturbance: FaultEffect {
  private let fault: ClockFault
  private let hosts: [Host]
  private let before: UInt64
  private let driftsBefore: [Int64]

  init(_ fault: ClockFault, on hosts: [Host]) {
    (self.fault, self.hosts) = (fault, hosts)
    before = Self.uses(hosts)
    driftsBefore = hosts.map(\.clock.drift)
    for host in hosts {
      switch fault {
      case .offset(let interval), .step(let interval): host.clock.step(by: interval)
      case .drift(let millionths): drift(host, by: Int64(millionths) * 1_000)
      case .leapSecond(nil): host.clock.step(by: .seconds(-1))
      case .leapSecond(let span?):
        drift(host, by: -1_000_000_000 * 1_000_000_000 / max(1, span.nanoseconds))
      }
    }
  }

  private func drift(_ host: Host, by billionths: Int64) {
    host.clock.setDrift(host.clock.drift + billionths, at: host.simulation.now)
  }

  func end() {
    for (host, drift) in zip(hosts, driftsBefore) {
      switch fault {
      case .offset(let interval): host.clock.step(by: .zero - interval)
      case .drift, .leapSecond(_?): host.clock.setDrift(drift, at: host.simulation.now)
      case .step, .leapSecond(nil): break
      }
    }
  }

  private static func uses(_ hosts: [Host]) -> UInt64 {
    hosts.reduce(0) { $0 + $1.wallClockReadings + $1.clock.drivenTimers }
  }

  /// How often the clocks were looked at while they were wrong.
  var count: Int {
    switch fault {
    case .offset(.zero), .step(.zero), .drift(0): 0
    default: Int(Self.uses(hosts) - before)
    }
  }

  var evidence: String { "clocks of \(hosts.count) hosts were wrong, and used \(count) times" }
}
