import Foundation

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
    var isQuiet = false
  }

  private let loads = [
    Load(name: "quiet", rate: "0.001", horizons: (60, 1_860), goal: 3_500, isQuiet: true),
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
    let cluster = SteadyCluster(
      rate: load.rate, clients: 1, connections: 16, scale: 1, accounts: 1_000,
      isQuiet: load.isQuiet)
    return try cluster.run(seconds: seconds, seed: seed).processorTime
  }
}
