import Foundation
import InstalledPostgreSQL

/// The TPC-B script of pgbench: CPU time per transaction of a whole simulated cluster, and of the server
/// processes of a real PostgreSQL.
///
/// Of the cluster everything counts: the writer, two readers, twelve storage nodes, clients, network,
/// checkers. What is loaded before the first transaction does not: the cost is the difference between a
/// long run and a short one, divided by the transactions between them.
struct TransactionBenchmark {
  struct Cost {
    /// Seconds of CPU time.
    var processorTime: Double
    var transactions: Int

    var microseconds: Double { processorTime / Double(transactions) * 1e6 }
    var perSecond: Double { Double(transactions) / processorTime }
  }

  /// Virtual seconds of the short run and of the long one.
  let horizons: (short: Int, long: Int)
  /// Seconds for which PostgreSQL runs.
  let duration: Int

  func cluster(seed: UInt64) throws -> Cost {
    let short = try run(seconds: horizons.short, seed: seed)
    let long = try run(seconds: horizons.long, seed: seed)
    return Cost(
      processorTime: long.processorTime - short.processorTime,
      transactions: long.transactions - short.transactions)
  }

  private func run(seconds: Int, seed: UInt64) throws -> Cost {
    let cluster = SteadyCluster(
      rate: "1000", clients: 2, connections: 64, scale: 10, accounts: 10_000)
    let (spent, transactions) = try cluster.run(seconds: seconds, seed: seed)
    return Cost(processorTime: spent, transactions: transactions)
  }

  /// The same script, prepared, against a server with `fsync` on; only its own processes are counted.
  func postgres(_ server: InstalledPostgreSQL) throws -> Cost {
    let before = ProcessorTime.tree(of: server.processIdentifier)
    let report = try server.runClient(
      "pgbench", "-M", "prepared", "-c", "16", "-j", "1", "-n", "-T", "\(duration)",
      InstalledPostgreSQL.database)
    let spent = ProcessorTime.tree(of: server.processIdentifier) - before
    let line = report.split(separator: "\n").first {
      $0.hasPrefix("number of transactions actually processed:")
    }
    guard let count = line?.split(separator: " ").last.flatMap({ Int($0) }), count > 0 else {
      throw InstalledPostgreSQL.Failure(command: "pgbench", answer: report)
    }
    return Cost(processorTime: spent, transactions: count)
  }

  /// Makes pgbench's tables, for as many branches as the cluster has.
  func prepare(_ server: InstalledPostgreSQL) throws {
    for _ in 0..<250 {
      if (try? server.runClient("pg_isready", "-q")) != nil { break }
      usleep(20_000)
    }
    _ = try server.runClient("pgbench", "-i", "-q", "-s", "10", InstalledPostgreSQL.database)
  }

  /// Measures in turns, and prints each round and the medians.
  func report(rounds: Int) throws {
    var server: InstalledPostgreSQL?
    defer { server?.stop() }
    if InstalledPostgreSQL.isInstalled {
      let started = try InstalledPostgreSQL(for: "benchmark", settings: ["shared_buffers=256MB"])
      server = started
      try prepare(started)
    } else {
      print("TPC-B: PostgreSQL 15 is not installed (apt-get install postgresql-15): no peer")
    }
    var costs: [(cluster: Double, postgres: Double)] = []
    for round in 1...rounds {
      let cluster = try cluster(seed: UInt64(round))
      var line =
        "TPC-B, round \(round): whole cluster \(Int(cluster.microseconds)) µs CPU per transaction"
        + " (\(Int(cluster.perSecond)) per CPU second)"
      if let server {
        let postgres = try postgres(server)
        line += ", PostgreSQL 15's server \(Int(postgres.microseconds)) µs"
        line += String(format: ": ratio %.2f", cluster.microseconds / postgres.microseconds)
        costs.append((cluster.microseconds, postgres.microseconds))
      }
      print(line)
    }
    guard !costs.isEmpty else { return }
    let ratios = costs.map { $0.cluster / $0.postgres }.sorted()
    print(String(format: "TPC-B: median ratio %.2f", ratios[ratios.count / 2]))
  }
}
