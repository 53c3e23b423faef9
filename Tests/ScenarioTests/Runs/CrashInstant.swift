import Foundation
import Simulation
import Testing

/// One case of the property that a writer may crash at any instant: which run, when, and how.
///
/// All are drawn from one stream. `BOREALIS_CRASH_SEED=8 swift test …` draws others.
struct CrashInstant: Sendable, CustomTestStringConvertible {
  enum Kind: String, Sendable {
    /// The engine's process dies; its host starts it again.
    case instance = "crash"
    /// The host loses power, and with it everything that was not flushed.
    case host = "host_crash"
  }

  /// Of the run.
  let seed: UInt64
  /// In scenario time.
  let instant: Interval
  let kind: Kind

  /// From which the cases are drawn.
  static let drawSeed: UInt64 =
    ProcessInfo.processInfo.environment["BOREALIS_CRASH_SEED"].flatMap { UInt64($0) } ?? 2017

  static let all: [CrashInstant] = {
    print("crash instants are drawn from seed \(drawSeed)")
    let random = RandomStream(seed: drawSeed).fork("crash-instants")
    return (0..<200).map { _ in
      CrashInstant(
        seed: 1 + random.integer(below: 1_000_000),
        instant: random.interval(in: .seconds(1)...(.milliseconds(4500))),
        kind: random.chance(0.5) ? .instance : .host)
    }
  }()

  var testDescription: String {
    "\(kind.rawValue) of the writer at \(instant.nanoseconds)ns of seed \(seed)"
  }

  var scenario: TinyScenario {
    TinyScenario(
      name: "crash-at-any-instant", arrivals: arrivals,
      faults: ["{ id: crash, at: \(instant.nanoseconds)ns, \(fault) }"],
      eventually: ["{ after: crash.start, within: 5s, that: writes_ok }"])
  }

  /// The load thickens just before the crash, so that most crashes interrupt something.
  private var arrivals: String {
    let thick = instant - .milliseconds(100)
    return "steps(0s=3/s, \(thick.nanoseconds)ns=60/s, \(instant.nanoseconds)ns=3/s)"
  }

  private var fault: String {
    switch kind {
    case .instance: "crash: { on: writer }"
    case .host: "for: 3s, host_crash: { on: writer }"
    }
  }
}
