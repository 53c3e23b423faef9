import Scenarios

/// Scenarios so small that a debug build can afford many whole runs of them.
///
/// Everything that a service around a database waits for is short here, so that a failover fits into
/// seconds of virtual time; the mechanisms are the same. The storage is one node for each copy, so that
/// every node holds a copy of every protection group.
struct TinyScenario {
  var name: String
  var horizon = "10s"
  /// Where the writer stands, and then the readers, the first of which is promoted first.
  var zones = "abc"
  /// Of the volume: `write_quorum: 3`.
  var volume: [String] = []
  /// Of each of the three workloads.
  var arrivals = "poisson(5/s)"
  var connections = 3
  /// At which the list-append transactions run, and which is claimed of them.
  var isolation = "read committed"
  var claimedIsolation = "read committed"
  /// More invariants that are claimed, before all others.
  var invariants: [String] = []
  /// Of the last reader: `class: serverless, acu: 1..4`.
  var lastReader: [String] = []
  /// Of the cluster: `max_standby_streaming_delay: 2s`.
  var parameters: [String] = []
  /// The application's host: `az: b, restart: never`.
  var application: [String] = []
  /// Workloads besides the three, of the same client and load: `id: counters, mix: counters`.
  var moreWorkloads: [String] = []
  /// Whether a client of its own audits the bank at the reader endpoint.
  var auditsReaders = false
  /// As long as an agent takes to be back, so that it is replaced when it crashes.
  var heartbeatTimeout = "1s"
  /// Each in one line: `{ id: down, at: 2s, host_crash: { on: writer } }`.
  var faults: [String]
  /// Each in one line: `{ after: down.start, within: 5s, that: writes_ok }`.
  var eventually: [String] = []

  var file: String { "\(name).yaml" }

  var yaml: String {
    let letters = zones.map(String.init)
    return """
      borealis: 1
      name: \(name)
      claim: No commit is lost, whatever happens.
      run: { horizon: \(horizon), seeds: 1..1000000 }
      cluster:
        writer: { id: w, az: \(letters[0]) }
        readers:
          - { id: r1, az: \(letters[1]), tier: 0 }
          - { \((["id: r2, az: \(letters[2]), tier: 1"] + lastReader).joined(separator: ", ")) }
        volume: { \((["protection_groups: 2", "storage_nodes_per_az: 2"] + volume).joined(separator: ", ")) }
        parameters:
          heartbeat_interval: 250ms
          heartbeat_timeout: \(heartbeatTimeout)
          engine_start: 500ms
          dns_ttl: 500ms
      \(parameters.map { "    \($0)\n" }.joined())clients:
        - { \((["id: app, dns_ttl: 500ms, connect_timeout: 500ms, socket_timeout: 2s"] + application).joined(separator: ", ")) }
      \(auditsReaders ? "  - { id: auditor, endpoint: reader, dns_ttl: 500ms, connect_timeout: 500ms }" : "")
      workload:
        - { id: oltp, client: app, mix: pgbench-tpcb, accounts_per_branch: 20, \(load) }
        - { id: bank, client: app, mix: bank, accounts: 10, audits: 20%, \(load) }
        - { id: lists, client: app, mix: list-append, keys: 8, isolation: \(isolation), \(load) }
      \(furtherWorkloads.joined(separator: "\n"))
      faults:\(faults.isEmpty ? " []" : "\n" + list(faults))
      claims:
        always:
      \(invariants.map { "    - \($0)\n" }.joined())    - no_acknowledged_commit_lost
          - single_writer
          - copies_agree
          - bank_total_constant
          - "isolation: \(claimedIsolation)"
      \(eventually.isEmpty ? "" : "  eventually:\n" + list(eventually))

      """
  }

  private var furtherWorkloads: [String] {
    moreWorkloads.map { "  - { \($0), client: app, \(load) }" }
      + (auditsReaders
        ? ["  - { id: audits, client: auditor, mix: bank, accounts: 10, audits: 100%, \(load) }"]
        : [])
  }

  private var load: String { "arrivals: \"\(arrivals)\", connections: \(connections)" }

  private func list(_ lines: [String]) -> String {
    lines.map { "    - \($0)" }.joined(separator: "\n")
  }

  /// Runs it to its end.
  func run(seed: UInt64, defects: RunDefects = RunDefects()) throws -> RunResult {
    let scenario = try Scenario(yaml: yaml, file: file)
    return ScenarioRun(scenario, file: file, seed: seed, build: "test", defects: defects).execute()
  }
}
