import Foundation
import Scenarios
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

  /// Everything that a service around a database waits for is short here, so that a failover fits
  /// into seconds of virtual time; the mechanisms are the same.
  var scenario: Scenario {
    get throws {
      try Scenario(
        yaml: """
          borealis: 1
          name: crash-at-any-instant
          claim: A writer may crash at any instant; no commit is lost, and writes go on.
          run: { horizon: 10s, seeds: 1..1000000 }
          cluster:
            writer: { id: w, az: a }
            readers:
              - { id: r1, az: b, tier: 0 }
              - { id: r2, az: c, tier: 1 }
            volume: { protection_groups: 2, storage_nodes_per_az: 2 }
            parameters:
              heartbeat_interval: 250ms
              heartbeat_timeout: 1s
              engine_start: 500ms
              dns_ttl: 500ms
          clients:
            - { id: app, dns_ttl: 500ms, connect_timeout: 500ms, socket_timeout: 2s }
          workload:
            - id: oltp
              client: app
              mix: pgbench-tpcb
              accounts_per_branch: 20
              arrivals: \(arrivals)
              connections: 3
            - id: bank
              client: app
              mix: bank
              accounts: 10
              audits: 20%
              arrivals: \(arrivals)
              connections: 3
            - id: lists
              client: app
              mix: list-append
              keys: 8
              arrivals: \(arrivals)
              connections: 3
          faults:
            - { id: crash, at: \(instant.nanoseconds)ns, \(fault) }
          claims:
            always:
              - no_acknowledged_commit_lost
              - single_writer
              - copies_agree
              - bank_total_constant
              - "isolation: read committed"
            eventually:
              - { after: crash.start, within: 5s, that: writes_ok }

          """, file: "crash-at-any-instant.yaml")
    }
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
