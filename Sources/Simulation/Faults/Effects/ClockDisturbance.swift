/// Hosts' clocks go wrong.
final class ClockDisturbance: FaultEffect {
  private let fault: ClockFault
  private let hosts: [Host]
  private let before: UInt64

  init(_ fault: ClockFault, on hosts: [Host]) {
    (self.fault, self.hosts) = (fault, hosts)
    before = Self.uses(hosts)
    for host in hosts {
      switch fault {
      case .offset(let interval), .step(let interval): host.clock.step(by: interval)
      case .leapSecond(nil): host.clock.step(by: .seconds(-1))
      case .drift, .leapSecond(_?): break
      }
      host.clock.changeDrift(by: drift, at: host.simulation.now)
    }
  }

  /// How much faster the clocks run, in parts per billion.
  private var drift: Int64 {
    switch fault {
    case .drift(let millionths): Int64(millionths) * 1_000
    case .leapSecond(let span?): -1_000_000_000 * 1_000_000_000 / max(1, span.nanoseconds)
    case .offset, .step, .leapSecond(nil): 0
    }
  }

  func end() {
    for host in hosts {
      if case .offset(let interval) = fault { host.clock.step(by: .zero - interval) }
      host.clock.changeDrift(by: -drift, at: host.simulation.now)
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
