import Foundation
import Simulation
import Testing

@testable import Scenarios

/// Every kind of fault, and what clients of a small cluster notice of one such fault.
///
/// The table stands in `FaultMatrix.csv`; `BOREALIS_RECORD=1 swift test --filter FaultMatrix` writes it anew.
struct FaultMatrix {
  /// One fault, from the third second on, for three seconds if it lasts.
  struct Row: Sendable, CustomTestStringConvertible {
    let keyword: String
    let what: String
    let lasts: Bool
    /// Another fault, without which this one would have nothing to act on.
    let also: String?
    /// Of the last reader, where it has to be of another kind.
    let lastReader: [String]

    init(
      _ keyword: String, _ what: String, lasts: Bool = true, also: String? = nil,
      lastReader: [String] = []
    ) {
      (self.keyword, self.what, self.lasts, self.also) = (keyword, what, lasts, also)
      self.lastReader = lastReader
    }

    /// A statement, and the fault that it injects.
    init(injecting call: String, on target: String = "writer") {
      self.init("sql", "on: \(target), text: \"SELECT aurora_inject_\(call)\"", lasts: false)
    }

    var testDescription: String { "\(keyword): { \(what) }" }

    var scenario: TinyScenario {
      let length = lasts ? "for: 3s, " : ""
      return TinyScenario(
        name: "fault-matrix", horizon: "14s", arrivals: "poisson(8/s)", lastReader: lastReader,
        faults: ["{ id: f, at: 3s, \(length)\(keyword): { \(what) } }"]
          + (also.map { ["{ id: also, at: 3500ms, \($0) }"] } ?? []))
    }
  }

  static let rows = [
    Row("crash", "on: writer", lasts: false), Row("crash", "on: \"storage@b[0]\""),
    Row("pause", "on: writer"), Row("pause", "on: storage@a"),
    Row("kill_loop", "on: writer, every: 1s"), Row("kill_loop", "on: storage@b, every: 700ms"),
    Row("crash", "on: agent@writer", lasts: false), Row("crash", "on: agent@writer"),
    Row("crash", "on: control-plane"), Row("crash", "on: name-server"),
    Row("pause", "on: agents"), Row("pause", "on: control-plane"),
    Row("kill_loop", "on: agents, every: 700ms"), Row("kill_loop", "on: control-plane, every: 1s"),
    Row("host_crash", "on: writer"), Row("host_crash", "on: reader"),
    Row("host_crash", "on: control-plane"),
    Row("host_loss", "on: \"storage@b[0]\""), Row("host_loss", "on: writer"),
    Row("host_loss", "on: control-plane"),
    Row("torn_write", "on: \"storage@a[1]\""),
    Row("rolling_restart", "on: storage@c, down: 500ms, every: 1s"),
    Row("outage", "az: a"), Row("outage", "az: c"), Row("outage", "region: us-east-1"),
    Row("power_loss", "az: b"),
    Row("partition", "between: [writer, storage@a]"), Row("partition", "between: [az-a, az-b]"),
    Row("partition", "from: writer, to: control-plane"), Row("isolate", "on: writer"),
    Row("isolate", "on: storage@b"), Row("reset", "between: [app, writer]"),
    Row("flap", "on: writer, down: 100ms, every: 300ms"),
    Row("delay", "on: writer, latency: uniform(10ms 50ms)"), Row("loss", "on: writer, share: 10%"),
    Row("duplicate", "between: [writer, storage], share: 50%"),
    Row("reorder", "between: [writer, storage], share: 30%, by: 50ms"),
    Row("corrupt", "on: az-a, share: 10%"),
    Row("corrupt", "between: [writer, storage], share: 20%, escaping: 100%"),
    Row("clog", "between: [writer, storage@b]"), Row("clog", "on: writer"),
    Row("swizzle", "on: storage@c"),
    Row("disk", "on: storage, slow: 50x"), Row("disk", "on: storage@a, stall: 200ms, every: 500ms"),
    Row("disk", "on: storage, delay: uniform(1ms 20ms)"),
    Row("disk", "on: storage@a, fail: 50%"), Row("disk_full", "on: storage@a"),
    Row("lost_fsync", "on: storage@a"),
    Row("bit_rot", "on: \"storage@a[0]\", bits: 200", lasts: false),
    Row("misdirected_write", "on: \"storage@a[0]\", share: 50%"),
    Row(
      "misdirected_read", "on: \"storage@a[0]\", share: 50%",
      also: "crash: { on: \"storage@a[0]\" }"),
    Row("disk_loss", "on: \"storage@a[0]\""),
    Row("cpu", "on: writer, slow: 50x"), Row("memory", "on: writer, take: 50%"),
    Row("bandwidth", "on: writer, limit: 64KiB/s"),
    Row("connection_storm", "on: writer, connections: 300"),
    Row("clock", "on: writer, offset: 250ms"), Row("clock", "on: control-plane, drift: 200000ppm"),
    Row("clock", "on: writer, step: -2s", lasts: false),
    Row("clock", "on: writer, leap: repeat", lasts: false), Row("clock", "on: writer, leap: smear"),
    Row("dns", "answers: none"),
    Row("dns", "answers: stale", also: "for: 2s, host_crash: { on: writer }"),
    Row("sql", "on: writer, text: \"SELECT aurora_inject_crash('instance')\"", lasts: false),
    Row(injecting: "replica_failure(100, 3, '')"), Row(injecting: "replica_failure(50, 3, 'r1')"),
    Row(injecting: "replica_failure(100, 3, '')", on: "r1"),
    Row(injecting: "disk_failure(34, 0, true, 3)"), Row(injecting: "disk_failure(50, 0, true, 3)"),
    Row(injecting: "disk_failure(100, 2, false, 3)"),
    Row(injecting: "disk_congestion(50, 0, true, 3, 20, 80)"),
    Row(injecting: "disk_congestion(100, 2, false, 3, 20, 80)"),
    Row("api", "call: FailoverDBCluster", lasts: false),
    Row("api", "call: RebootDBInstance, on: r1", lasts: false),
    Row(
      "api", "call: ModifyDBCluster, on: r2, acu: 2..8", lasts: false,
      lastReader: ["class: serverless", "acu: 1..4"]),
    Row("api", "call: FailoverDBCluster, on: w, expect: InvalidDBInstanceState", lasts: false),
  ]

  /// What a run of a row shows.
  struct Effect {
    let fault: FaultResult
    let verdict: Verdict
    let committed: Int
    let failed: Int
    let slowest: Interval
    let outage: Interval?

    init(_ result: RunResult) {
      // What a statement has injected says more than its answer.
      fault = result.faults.first { $0.cause != nil } ?? result.faults[0]
      verdict = result.verdict
      committed = result.workloads.reduce(0) { $0 + $1.committed }
      failed = result.workloads.reduce(0) { $0 + $1.errors.reduce(0) { $0 + $1.count } }
      slowest = result.workloads.map(\.latency.max).max() ?? .zero
      outage = result.failovers.compactMap(\.longest).max()
    }
  }

  static let header = "fault,what,evidence,verdict,committed,failed attempts,slowest ms,outage ms\n"

  static func line(_ row: Row, _ effect: Effect) -> String {
    func quoted(_ text: String) -> String {
      "\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\""
    }
    let outage = effect.outage.map { "\($0.nanoseconds / 1_000_000)" } ?? ""
    return
      "\(row.keyword),\(quoted(row.what)),\(quoted(effect.fault.evidence)),"
      + "\(effect.verdict.rawValue),\(effect.committed),\(effect.failed),"
      + "\(effect.slowest.nanoseconds / 1_000_000),\(outage)\n"
  }

  static let file = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "FaultMatrix.csv")
}
