import Simulation

/// A way to make a scenario a little simpler.
struct ScenarioReduction {
  /// What becomes smaller, in words.
  let name: String
  /// Simpler scenarios, the boldest first. Each is simpler by a measure that cannot fall for ever.
  let candidates: (Scenario) -> [Scenario]

  static var all: [ScenarioReduction] {
    [
      ScenarioReduction(name: "warm-up") { scenario in
        scenario.run.warmup == .zero ? [] : [scenario.with { $0.run.warmup = .zero }]
      },
      ScenarioReduction(name: "horizon", candidates: horizons),
      ScenarioReduction(name: "faults' parameters") { scenario in
        scenario.faults.indices.flatMap { index in
          simpler(scenario.faults[index]).map { fault in scenario.with { $0.faults[index] = fault }
          }
        }
      },
      ScenarioReduction(name: "workloads' parameters") { scenario in
        scenario.workloads.indices.flatMap { index in
          simpler(scenario.workloads[index]).map { workload in
            scenario.with { $0.workloads[index] = workload }
          }
        }
      },
      ScenarioReduction(name: "sizes of tables", candidates: mixes),
      ScenarioReduction(name: "clients") { scenario in
        scenario.clients.indices.flatMap { index in
          Halving.towards(1, from: scenario.clients[index].count).map { count in
            scenario.with { $0.clients[index].count = count }
          }
        }
      },
      ScenarioReduction(name: "volume") { scenario in
        let volume = scenario.cluster.volume
        return Halving.towards(2, from: volume.storageNodesPerZone).map { count in
          scenario.with { $0.cluster.volume.storageNodesPerZone = count }
        }
          + Halving.towards(1, from: volume.protectionGroups).map { count in
            scenario.with { $0.cluster.volume.protectionGroups = count }
          }
      },
      ScenarioReduction(name: "network and disks") { scenario in
        let (network, disk) = (Scenario.Network(), Scenario.Disk())
        return [
          scenario.with { ($0.network, $0.disk) = (network, disk) },
          scenario.with { $0.network.sameZone = network.sameZone },
          scenario.with { $0.network.crossZone = network.crossZone },
          scenario.with { $0.disk.read = disk.read },
          scenario.with { $0.disk.write = disk.write },
          scenario.with { $0.disk.flush = disk.flush },
        ].filter { $0 != scenario }
      },
    ]
  }

  // MARK: Time

  /// A shorter run: down to where the last fault has ended, or half way there.
  private static func horizons(_ scenario: Scenario) -> [Scenario] {
    let lastEnd = scenario.faultWindows(movedBy: { $0.anchor.jitter }).map(\.end).max() ?? .zero
    let waiting = scenario.claims.eventually.map(\.within).max() ?? .zero
    let least = Interval.seconds((lastEnd + waiting).nanoseconds / 1_000_000_000 + 1)
    let horizon = scenario.run.horizon
    let between = Interval.seconds((least + (horizon - least) / 2).nanoseconds / 1_000_000_000)
    let shorter = [least, least + .seconds(5), between].filter { $0 > .zero && $0 < horizon }
    return shorter.map { end in
      scenario.with { scenario in
        scenario.run.horizon = end
        scenario.run.warmup = scenario.run.warmup < end ? scenario.run.warmup : .zero
        scenario.workloads = scenario.workloads.filter { $0.start < end }
        for index in scenario.workloads.indices {
          let workload = scenario.workloads[index]
          scenario.workloads[index].duration = min(workload.duration, end - workload.start)
        }
      }
    }
  }

  // MARK: Faults

  private static func simpler(_ fault: Scenario.Fault) -> [Scenario.Fault] {
    var faults = fault.action.simpler.map { action in fault.with { $0.action = action } }
    if let duration = fault.duration {
      faults += Halving.towards(.milliseconds(1), from: duration).map { shorter in
        fault.with { $0.duration = shorter }
      }
    }
    if case .at(let start, let jitter) = fault.anchor {
      if jitter > .zero { faults.append(fault.with { $0.anchor = .at(start, jitter: .zero) }) }
      faults += Halving.rounded(start).map { rounder in
        fault.with { $0.anchor = .at(rounder, jitter: jitter) }
      }
    }
    return faults
  }

  // MARK: Workloads

  private static func simpler(_ workload: Scenario.Workload) -> [Scenario.Workload] {
    var simpler: [Scenario.Workload] = []
    if workload.start > .zero {
      simpler.append(
        workload.with {
          $0.duration = $0.duration + $0.start
          $0.start = .zero
        })
    }
    switch workload.load {
    case .open(let arrivals, let connections):
      simpler += Halving.simpler(arrivals).map { arrivals in
        workload.with { $0.load = .open(arrivals, connections: connections) }
      }
      simpler += Halving.towards(1, from: connections).map { connections in
        workload.with { $0.load = .open(arrivals, connections: connections) }
      }
    case .closed(let concurrency, let thinkTime):
      simpler += Halving.towards(1, from: concurrency).map { concurrency in
        workload.with { $0.load = .closed(concurrency: concurrency, thinkTime: thinkTime) }
      }
    }
    return simpler
  }

  /// Workloads of one mix share its tables, so that all of them change together.
  private static func mixes(_ scenario: Scenario) -> [Scenario] {
    scenario.workloads.indices.flatMap { index in
      scenario.workloads[index].mix.simpler.map { mix in
        scenario.with { scenario in
          for other in scenario.workloads.indices
          where scenario.workloads[other].mix.name == mix.name {
            scenario.workloads[other].mix = mix
          }
        }
      }
    }
  }
}

/// Numbers on their way down.
enum Halving {
  /// The least, and then what lies half way to it; each less than `value`.
  static func towards(_ least: Int, from value: Int) -> [Int] {
    guard value > least else { return [] }
    let half = least + (value - least) / 2
    return half > least ? [least, half] : [least]
  }

  /// As for numbers: at least a millisecond apart, so that there is an end to it.
  static func towards(_ least: Interval, from value: Interval) -> [Interval] {
    towards(Int(least.nanoseconds / 1_000_000), from: Int(value.nanoseconds / 1_000_000)).map {
      .milliseconds(Int64($0))
    }
  }

  /// Fewer digits: whole seconds, tenths, milliseconds; none if it has no more than the first of them.
  static func rounded(_ value: Interval) -> [Interval] {
    var rounder: [Interval] = []
    for unit in [1_000_000_000, 100_000_000, 1_000_000] as [Int64] {
      if value.nanoseconds % unit == 0 { break }
      rounder.append(Interval(nanoseconds: value.nanoseconds / unit * unit))
    }
    return rounder
  }

  static func towards(_ least: Rate, from value: Rate) -> [Rate] {
    towards(Int(least.perSecond), from: Int(value.perSecond)).map { .perSecond(Int64($0)) }
  }

  /// Steps become one rate, and rates fall.
  static func simpler(_ arrivals: Arrivals) -> [Arrivals] {
    switch arrivals {
    case .poisson(let rate): towards(.perSecond(1), from: rate).map { .poisson($0) }
    case .uniform(let rate): towards(.perSecond(1), from: rate).map { .uniform($0) }
    case .steps(let steps):
      steps.map(\.rate).max().map { $0 > .perSecond(0) ? [.poisson($0)] : [] } ?? []
    }
  }
}

/// A copy that is changed in one place.
private protocol Changeable {}

extension Changeable {
  fileprivate func with(_ change: (inout Self) -> Void) -> Self {
    var copy = self
    change(&copy)
    return copy
  }
}

extension Scenario: Changeable {}
extension Scenario.Fault: Changeable {}
extension Scenario.Workload: Changeable {}
