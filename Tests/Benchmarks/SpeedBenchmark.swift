import Foundation
import Scenarios

/// How much faster than the world a cluster runs on one core: one writer, two readers, twelve storage nodes.
///
/// What is loaded before counts for nothing: the cost is the difference between a long run and a short one.
/// For comparison, which is not made here: TigerBeetle's authors say that their simulator runs about 700
/// times faster than the world, a cluster of consensus replicas without SQL.
struct SpeedBenchmark {
  private struct Load {
    let name: String
    /// Transactions of pgbench's TPC-B script in a second.
    let rate: String
    /// Virtual seconds of the short run and of the long one.
    let horizons: (short: Int, long: Int)
    let goal: Double
  }

  private let loads = [
    Load(name: "quiet", rate: "0.001", horizons: (60, 1_860), goal: 3_500),
    Load(name: "100 TPC-B transactions/s", rate: "100", horizons: (20, 80), goal: 100),
  ]

  /// Prints each round and the median.
  func report(rounds: Int) throws {
    for load in loads {
      var speeds: [Double] = []
      for seed in 1...rounds {
        let short = try cost(of: load, seconds: load.horizons.short, seed: UInt64(seed))
        let long = try cost(of: load, seconds: load.horizons.long, seed: UInt64(seed))
        speeds.append(Double(load.horizons.long - load.horizons.short) / (long - short))
      }
      let listed = speeds.map { String(format: "%.0f", $0) }.joined(separator: ", ")
      let median = speeds.sorted()[speeds.count / 2]
      print(
        String(
          format: "%@: %.0f times real time (%@); the goal is %.0f", load.name, median, listed,
          load.goal))
    }
  }

  /// CPU time of a run, in seconds.
  private func cost(of load: Load, seconds: Int, seed: UInt64) throws -> Double {
    let text = """
      borealis: 1
      name: speed
      claim: A cluster under a steady load commits every transaction.
      run: { horizon: \(seconds)s, warmup: 5s }
      cluster:
        writer: { id: w, az: a, class: db.r6g.large }
        readers:
          - { id: r1, az: b, class: db.r6g.large }
          - { id: r2, az: c, class: db.r6g.large }
        volume: { storage_nodes_per_az: 4 }
      clients:
        - { id: app, driver: plain, count: 1 }
      workload:
        - id: oltp
          client: app
          mix: pgbench-tpcb
          accounts_per_branch: 1000
          arrivals: poisson(\(load.rate)/s)
      claims:
        always: [no_acknowledged_commit_lost, copies_agree]
      slo:
        - { metric: oltp.errors, is: 0 }
      """
    let scenario = try Scenario(yaml: text, file: "speed.yaml")
    let before = ProcessorTime.own()
    let result = ScenarioRun(scenario, file: "speed.yaml", seed: seed, build: "benchmark").execute()
    let spent = ProcessorTime.own() - before
    guard result.verdict == .pass else {
      throw TransactionBenchmark.Failure(reasons: result.reasons)
    }
    return spent
  }
}
