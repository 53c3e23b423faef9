import Simulation
import Testing

@testable import Scenarios

/// What a seed may draw, against what the language has.
@Suite struct `Chaos` {
  private static func scenario() throws -> Scenario {
    let tiny = TinyScenario(
      name: "chaos", horizon: "60s", lastReader: ["class: serverless", "acu: 1..4"], faults: [])
    var scenario = try Scenario(yaml: tiny.yaml, file: tiny.file)
    scenario.chaos = Scenario.Chaos(window: .seconds(1)...(.seconds(50)))
    return scenario
  }

  /// A new kind of fault is drawn, or it stands in the list of those that are not, with the reason.
  @Test func `draws every kind of fault but those that are left out for a reason`() throws {
    let scenario = try Self.scenario()
    var missing = Scenario.Fault.Action.forms
    for seed in 1...400 as ClosedRange<UInt64> where missing.count > ChaosFamily.leftOut.count {
      for fault in scenario.unfolded(seed: seed).faults {
        missing.removeAll { $0 == fault.action.form }
      }
    }
    #expect(missing.sorted() == ChaosFamily.leftOut.map(\.form).sorted())
    #expect(ChaosFamily.leftOut.allSatisfy { !$0.reason.isEmpty })
  }

  @Test func `has a family for every keyword of the language`() {
    #expect(ChaosFamily.allCases.map(\.rawValue).sorted() == Scenario.Fault.Action.keywords.sorted())
  }

  /// What is drawn can be written down, and read again as the same.
  @Test func `draws what a scenario may say`() throws {
    let scenario = try Self.scenario()
    for seed in 1...40 as ClosedRange<UInt64> {
      let drawn = scenario.unfolded(seed: seed)
      let again = try Scenario(yaml: drawn.yaml, file: "again.yaml")
      #expect(again.faults == drawn.faults)
    }
  }

  private static func node(_ target: Target) -> [StorageNodeName] {
    guard case .storageNode(let zone, let index) = target else { return [] }
    return [StorageNodeName(zone: zone, index: index)]
  }

  /// An AZ and two damaged copies outside it would be four of six, which no volume survives.
  @Test func `freezes an AZ without which what was damaged leaves a read quorum`() throws {
    var scenario = try Self.scenario()
    scenario.chaos = Scenario.Chaos(
      families: ["disk_loss", "host_loss"], pick: 1...2, window: .seconds(1)...(.seconds(20)),
      liveness: .seconds(20))
    var frozenCount = 0
    for seed in 1...100 as ClosedRange<UInt64> {
      let drawn = scenario.unfolded(seed: seed)
      var damaged: [StorageNodeName] = []
      for fault in drawn.faults {
        switch fault.action {
        case .disk(let disk): damaged += Self.node(disk.target)
        case .host(let host): damaged += Self.node(host.target)
        case .outage(.zone(let zone)):
          frozenCount += 1
          damaged += StorageNodeName.all(in: zone, of: drawn)
        default: break
        }
      }
      for group in 0..<2 {
        #expect(drawn.cluster.volume.copies(ofGroup: group, on: damaged) <= 3, "seed \(seed)")
      }
    }
    #expect(frozenCount == 100)
  }

  /// With no copy to spare, no function takes one away; late ones are not away.
  @Test func `books the copies that an injected disk failure takes`() throws {
    var scenario = try Self.scenario()
    for (copies, isDrawn) in [(0, false), (2, true)] {
      scenario.chaos = Scenario.Chaos(
        families: ["sql"], pick: 1...1, window: .seconds(1)...(.seconds(50)), copiesLost: copies)
      var texts: [String] = []
      for seed in 1...60 as ClosedRange<UInt64> {
        for fault in scenario.unfolded(seed: seed).faults {
          if case .statement(let statement) = fault.action { texts.append(statement.text) }
        }
      }
      #expect(texts.contains { $0.contains("aurora_inject_disk_congestion") })
      #expect(texts.contains { $0.contains("aurora_inject_disk_failure") } == isDrawn)
    }
  }
}
