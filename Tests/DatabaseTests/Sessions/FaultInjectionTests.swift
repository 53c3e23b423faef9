import Simulation
import Testing

@testable import Database

/// The volume of the bench has six disks and twelve nodes.
@Suite struct `Aurora's fault injection functions` {
  @Test func `hand on what they were told`() throws {
    try SessionBench.run { bench in
      let client = try await bench.connect()
      for statement in [
        "SELECT aurora_inject_disk_failure(25, 0, true, 20)",
        "SELECT aurora_inject_disk_failure(62.5, 11, false, 1)",
        "SELECT aurora_inject_disk_congestion(100, 5, true, 20, 0, 100.0)",
        "SELECT aurora_inject_disk_congestion(0, 3, false, 20, 7.5, 12)",
        "SELECT AURORA_INJECT_CRASH('Dispatcher')",
      ] { #expect(try await client.run(statement) == "SELECT 1") }
      #expect(
        bench.storageFaults == [
          InjectedStorageFault(.failure, at: .disk(0), share: 0.25, for: .seconds(20)),
          InjectedStorageFault(.failure, at: .node(11), share: 0.625, for: .seconds(1)),
          InjectedStorageFault(
            .congestion(.zero...(.milliseconds(100))), at: .disk(5), share: 1, for: .seconds(20)),
          InjectedStorageFault(
            .congestion(.microseconds(7500)...(.milliseconds(12))), at: .node(3), share: 0,
            for: .seconds(20)),
        ])
      #expect(bench.injected == [.dispatcher])
      #expect(try await client.rows("SELECT * FROM aurora_show_volume_status()") == ["6|12"])
    }
  }

  @Test func `refuse what is out of bounds, and name the highest index`() throws {
    try SessionBench.run { bench in
      let client = try await bench.connect()
      for (call, message) in [
        ("disk_failure(25, 6, true, 20)", "disk index 6 is out of range; the maximum is 5"),
        ("disk_failure(25, -1, true, 20)", "disk index -1 is out of range; the maximum is 5"),
        (
          "disk_failure(25, 12, false, 20)",
          "storage node index 12 is out of range; the maximum is 11"
        ),
        ("disk_failure(100.5, 0, true, 20)", "percentage of failure must be between 0.0 and 100.0"),
        ("disk_failure(-1, 0, true, 20)", "percentage of failure must be between 0.0 and 100.0"),
        ("disk_failure(1, 0, true, 0)", "time interval must be positive"),
        (
          "disk_congestion(1, 0, true, 5, 0, 101)",
          "minimum and maximum delay must be between 0.0 and 100.0 milliseconds"
        ),
        (
          "disk_congestion(1, 0, true, 5, -1, 10)",
          "minimum and maximum delay must be between 0.0 and 100.0 milliseconds"
        ),
        (
          "disk_congestion(1, 0, true, 5, 10, 10)",
          "maximum delay must be greater than minimum delay"
        ),
        (
          "replica_failure(50, 20, 'writer-1')",
          "replica \"writer-1\" does not exist; replicas: there is none"
        ),
        ("crash('disk')", "invalid argument for aurora_inject_crash: \"disk\""),
      ] {
        #expect(try await client.run("SELECT aurora_inject_\(call)") == "Error 22023: \(message)")
      }
      #expect(bench.storageFaults.isEmpty && bench.replicaFailures.isEmpty)
    }
  }

  @Test func `do nothing and give null for an argument that is null`() throws {
    try SessionBench.run { bench in
      let client = try await bench.connect()
      for call in [
        "disk_failure(NULL, 0, true, 20)", "disk_failure(50, 0, NULL, 20)",
        "replica_failure(50, 20, NULL)", "crash(NULL)",
      ] {
        #expect(try await client.rows("SELECT aurora_inject_\(call) IS NULL") == ["t"])
      }
      #expect(bench.storageFaults.isEmpty && bench.injected.isEmpty)
    }
  }

  @Test func `let a reader fail for itself alone`() throws {
    try SessionBench.run { bench in
      bench.isReader = true
      let client = try await bench.connect()
      for name in ["", "writer-1"] {
        #expect(
          try await client.run("SELECT aurora_inject_replica_failure(50, 20, '\(name)')")
            == "SELECT 1")
      }
      #expect(
        try await client.run("SELECT aurora_inject_replica_failure(50, 20, 'other')")
          == "Error 22023: replica \"other\" does not exist; replicas: writer-1")
      #expect(bench.replicaFailures == ["0.5 of all for 20s", "0.5 of writer-1 for 20s"])
    }
  }
}
