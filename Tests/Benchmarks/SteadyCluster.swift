import Foundation
import Scenarios

/// One writer, two readers and twelve storage nodes under a steady load of pgbench's TPC-B script: what the
/// benchmarks of whole runs have in common.
struct SteadyCluster {
  /// Transactions in a second.
  let rate: String
  /// Application hosts, and their connections together.
  let clients: Int
  let connections: Int
  /// Branches, and accounts of each.
  let scale: Int
  let accounts: Int
  /// Whether nobody comes: nothing can be said of commits then.
  var isQuiet = false

  struct Failure: Error {
    let reasons: [String]
  }

  /// Runs it for a time.
  ///
  /// - Returns: CPU time in seconds, and how many transactions were committed.
  /// - Throws: ``Failure`` if the run did not pass.
  func run(seconds: Int, seed: UInt64) throws -> (processorTime: Double, transactions: Int) {
    let scenario = try Scenario(yaml: text(seconds: seconds), file: "steady.yaml")
    let before = ProcessorTime.own()
    let result = ScenarioRun(scenario, file: "steady.yaml", seed: seed, build: "benchmark")
      .execute()
    let spent = ProcessorTime.own() - before
    guard result.verdict == .pass else { throw Failure(reasons: result.reasons) }
    return (spent, result.workloads.reduce(0) { $0 + $1.committed })
  }

  private func text(seconds: Int) -> String {
    """
    borealis: 1
    name: steady
    claim: A cluster under a steady load commits every transaction.
    run: { horizon: \(seconds)s, warmup: 5s }
    cluster:
      writer: { id: w, az: a, class: db.r6g.large }
      readers:
        - { id: r1, az: b, class: db.r6g.large }
        - { id: r2, az: c, class: db.r6g.large }
      volume: { storage_nodes_per_az: 4 }
    clients:
      - { id: app, driver: plain, count: \(clients) }
    workload:
      - id: oltp
        client: app
        mix: pgbench-tpcb
        scale: \(scale)
        accounts_per_branch: \(accounts)
        arrivals: poisson(\(rate)/s)
        connections: \(connections)
    claims:
      always: [\(isQuiet ? "" : "no_acknowledged_commit_lost, ")copies_agree]
    \(isQuiet ? "" : "slo: [{ metric: oltp.errors, is: 0 }]")
    """
  }
}
