/// Hosts' clocks go wrong.
final class ClockDisturbance: FaultEffect {
  private let fault: ClockFault
  private let hosts: [Host]
  private let before: UInt64
  /// Once it is over; a jump that nobody sets right is never over.
  private var outcome: Int?

  init(_ fault: ClockFault, on hosts: [Host]) {
    (self.fault, self.hosts) = (fault, hosts)
    before = Self.uses(hosts, by: fault)
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
    switch fault {
    case .offset, .drift, .leapSecond(_?): outcome = count
    case .step, .leapSecond(nil): break
    }
    for host in hosts {
      if case .offset(let interval) = fault { host.clock.step(by: .zero - interval) }
      host.clock.changeDrift(by: -drift, at: host.simulation.now)
    }
  }

  /// A wall clock that is wrong shows when it is read, a counter that runs wrong in timers, too.
  private static func uses(_ hosts: [Host], by fault: ClockFault) -> UInt64 {
    let drivesTimers =
      switch fault {
      case .drift, .leapSecond(_?): true
      case .offset, .step, .leapSecond(nil): false
      }
    return hosts.reduce(0) {
      $0 + $1.wallClockReadings + (drivesTimers ? $1.clock.drivenTimers : 0)
    }
  }

  /// How often the clocks were looked at while they were wrong.
  var count: Int {
    if let outcome { return outcome }
    return switch fault {
    case .offset(.zero), .step(.zero), .drift(0): 0
    default: Int(Self.uses(hosts, by: fault) - before)
    }
  }

  var evidence: String { "clocks of \(hosts.count) hosts were wrong, and used \(count) times" }
}
