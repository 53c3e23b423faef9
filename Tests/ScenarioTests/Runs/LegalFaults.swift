import Foundation
import Simulation
import Testing

/// Faults drawn by lot that a volume has to bear: in each of two phases an AZ and one node elsewhere are
/// struck, one way or another, and the writer is, too. The second phase may begin as the first one ends.
///
/// `BOREALIS_FAULT_DRAWS=400 swift test …` draws more of them than the kept ones.
struct LegalFaults: Sendable, CustomTestStringConvertible {
  let seed: UInt64
  let faults: [String]

  static let all: [LegalFaults] = {
    let environment = ProcessInfo.processInfo.environment
    let count = environment["BOREALIS_FAULT_DRAWS"].flatMap { UInt64($0) } ?? 16
    return (1...max(1, count)).map { LegalFaults(seed: $0) }
  }()

  var testDescription: String { "seed \(seed): \(faults.joined(separator: " "))" }

  var scenario: TinyScenario {
    TinyScenario(
      name: "legal-faults", horizon: "24s", arrivals: "poisson(5/s)", faults: faults,
      eventually: [
        "{ after: faults.end, within: 12s, that: writes_ok and all_copies_complete }"
      ])
  }

  init(seed: UInt64) {
    self.seed = seed
    let random = RandomStream(seed: seed).fork("legal-faults")
    func choose(_ choices: [String]) -> String { choices[random.index(below: choices.count)] }
    func milliseconds(_ range: ClosedRange<Int64>) -> Int64 {
      range.lowerBound + Int64(random.index(below: Int(range.upperBound - range.lowerBound) + 1))
    }
    var faults: [String] = []
    var start = milliseconds(500...2000)
    for phase in 1...2 {
      var zones = ["a", "b", "c"]
      random.shuffle(&zones)
      let (zone, node) = (zones[0], "storage@\(zones[1])[\(random.index(below: 2))]")
      let length = milliseconds(500...3000)
      let strike = choose([
        "outage: { az: \(zone) }", "isolate: { on: az-\(zone) }",
        "partition: { between: [az-\(zone), az-\(zones[2])] }",
        "host_crash: { on: storage@\(zone) }", "crash: { on: storage@\(zone) }",
        "isolate: { on: storage@\(zone) }", "disk: { on: storage@\(zone), slow: 50x }",
        "disk: { on: storage@\(zone), fail: 20% }",
        "disk: { on: storage@\(zone), delay: uniform(1ms 40ms) }",
      ])
      faults.append("{ id: zone\(phase), at: \(start)ms, for: \(length)ms, \(strike) }")
      let blow = choose([
        "host_crash: { on: \"\(node)\" }", "crash: { on: \"\(node)\" }",
        "isolate: { on: \"\(node)\" }", "disk: { on: \"\(node)\", stall: 90ms, every: 100ms }",
        "disk: { on: \"\(node)\", fail: 50% }",
      ])
      faults.append("{ id: node\(phase), at: \(start)ms, for: \(length)ms, \(blow) }")
      if random.chance(0.5) {
        // They keep nobody from the write quorum for good, nor a copy from what it holds.
        let call = choose([
          "disk_congestion(\(milliseconds(1...100)), \(milliseconds(0...1)), true, 2, 1, 60)",
          "disk_congestion(100, \(milliseconds(0...5)), false, 2, 5, 100)",
          "disk_failure(\(milliseconds(1...100)), \(milliseconds(0...1)), true, 1)",
          "disk_failure(100, \(milliseconds(0...5)), false, 2)",
          "replica_failure(\(milliseconds(1...100)), 2, '')", "crash('dispatcher')",
        ])
        let on = choose(["writer", "reader"])
        faults.append(
          "{ id: order\(phase), at: \(start)ms, may_miss: yes, sql: { on: \(on), timeout: 2s, "
            + "text: \"SELECT aurora_inject_\(call)\" } }")
      }
      if random.chance(0.7) {
        let writer = choose([
          "crash: { on: writer }", "host_crash: { on: writer }", "isolate: { on: writer }",
          "partition: { from: writer, to: control-plane }",
          "partition: { between: [writer, storage] }", "partition: { from: storage, to: writer }",
        ])
        let at = start + milliseconds(0...length)
        faults.append(
          "{ id: writer\(phase), at: \(at)ms, for: \(milliseconds(300...2500))ms, \(writer) }")
      }
      start += length + (random.chance(0.5) ? 0 : milliseconds(0...1500))
    }
    self.faults = faults
  }
}
