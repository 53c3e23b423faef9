import Simulation
import Testing

@testable import Scenarios

/// Faults that SQL statements inject, in whole runs of a cluster of two protection groups on six nodes.
@Suite struct `A fault that a statement injects` {
  private func run(
    _ faults: [(at: String, on: String, call: String)], also: [String] = [],
    horizon: String = "14s"
  ) throws -> RunResult {
    let lines = faults.enumerated().map { index, fault in
      "{ id: f\(index), at: \(fault.at), sql: { on: \(fault.on), "
        + "text: \"SELECT aurora_inject_\(fault.call)\" } }"
    }
    return try TinyScenario(
      name: "injected", horizon: horizon, arrivals: "poisson(20/s)", faults: lines + also
    ).run(seed: 3)
  }

  private func injected(_ result: RunResult) -> [FaultResult] {
    result.faults.filter { $0.cause != nil }
  }

  /// The longest latency of a run in which nothing stops: half a second, and `deadlock_timeout` besides, a second, if
  /// two transactions have met in a deadlock, as transfers between ten accounts may. Nobody else waits for so long.
  private func expectNoStop(_ result: RunResult, _ call: String) {
    let slowest = result.workloads.map(\.latency.max).max() ?? .zero
    let deadlocks = result.workloads.flatMap(\.errors).filter { $0.kind.hasPrefix("40P01") }
    let timeout = deadlocks.isEmpty ? Interval.zero : .seconds(1)
    #expect(slowest >= timeout, "\(call): \(slowest), \(deadlocks)")
    #expect(slowest < timeout + .milliseconds(500), "\(call): \(slowest), \(deadlocks)")
  }

  @Test func `stops commits while three of the six copies of a block are gone`() throws {
    let result = try run([(at: "3s", on: "writer", call: "disk_failure(50, 0, true, 3)")])
    #expect(result.verdict == .pass, "\(result.reasons)")
    let fault = try #require(injected(result).first)
    #expect(fault.id == "f0.1" && fault.cause == "f0")
    #expect(fault.kind == "aurora_inject_disk_failure")
    #expect(fault.targets == "disk 0, 3 of 6 segments")
    #expect(fault.victims.count == 3 && fault.victims.allSatisfy { $0.hasPrefix("storage-") })
    let (start, end) = (try #require(fault.start), try #require(fault.end))
    #expect(end - start == .seconds(3))
    #expect(fault.tookEffect && fault.evidence.hasSuffix(" requests blocked"))
    // Who has to wait waits for the end.
    let slowest = result.workloads.map(\.latency.max).max() ?? .zero
    #expect(slowest > .milliseconds(1500) && slowest < .milliseconds(5500), "\(slowest)")
  }

  @Test func `is borne without a stop if it is a node, or less than three copies`() throws {
    for call in ["disk_failure(100, 2, false, 3)", "disk_failure(34, 0, true, 3)"] {
      let result = try run([(at: "3s", on: "writer", call: call)])
      #expect(result.verdict == .pass, "\(call): \(result.reasons)")
      #expect(injected(result).first?.tookEffect == true)
      expectNoStop(result, call)
    }
  }

  @Test func `makes commits wait for congested copies`() throws {
    let call = "disk_congestion(50, 0, true, 4, 60, 90)"
    let result = try run([(at: "3s", on: "writer", call: call)])
    #expect(result.verdict == .pass, "\(result.reasons)")
    let fault = try #require(injected(result).first)
    #expect(fault.evidence.hasSuffix(" requests delayed"))
    let slowest = result.workloads.map(\.latency.max).max() ?? .zero
    #expect(slowest > .milliseconds(60), "\(slowest)")
    expectNoStop(result, call)
  }

  @Test func `outlives the engine that has injected it into the storage`() throws {
    let result = try run(
      [(at: "3s", on: "writer", call: "disk_failure(100, 0, true, 4)")],
      also: ["{ id: crash, at: 3500ms, crash: { on: writer } }"])
    #expect(result.verdict == .pass, "\(result.reasons)")
    let fault = try #require(injected(result).first)
    #expect((fault.end ?? .start) - (fault.start ?? .start) == .seconds(4))
    // The new epoch needs a write quorum of every group, and there is none before the end.
    let opened = result.failovers.compactMap(\.longest).max() ?? .zero
    #expect(opened > .seconds(3), "\(opened)")
  }

  @Test func `goes with the engine if it is a replica failure`() throws {
    let result = try run(
      [(at: "3s", on: "writer", call: "replica_failure(100, 6, '')")],
      also: ["{ id: crash, at: 4s, crash: { on: writer } }"])
    #expect(result.verdict == .pass, "\(result.reasons)")
    let fault = try #require(injected(result).first)
    #expect(fault.targets == "all replicas" && fault.victims == ["r1", "r2"])
    let length = (fault.end ?? .start) - (fault.start ?? .start)
    #expect(length < .milliseconds(1100), "\(length)")
  }

  @Test func `holds the named replica back, and lets it catch up`() throws {
    let result = try run([(at: "3s", on: "writer", call: "replica_failure(100, 4, 'r1')")])
    #expect(result.verdict == .pass, "\(result.reasons)")
    #expect(injected(result).first?.targets == "replica r1")
    #expect(injected(result).first?.evidence.hasSuffix(" pieces of the log stream blocked") == true)
    func highest(_ id: String) -> Interval {
      result.lag.first { $0.reader == id }?.lag.max ?? .zero
    }
    #expect(highest("r1") >= .seconds(3))
    #expect(highest("r2") < .milliseconds(500))
  }

  @Test func `holds a reader back on which it is called`() throws {
    let result = try run([(at: "3s", on: "r2", call: "replica_failure(100, 3, '')")])
    #expect(result.verdict == .pass, "\(result.reasons)")
    #expect(injected(result).first?.victims == ["r2"])
    #expect(injected(result).first?.tookEffect == true)
  }

  @Test func `blocks its share and no more`() throws {
    let result = try run([(at: "3s", on: "writer", call: "replica_failure(50, 6, '')")])
    #expect(result.verdict == .pass, "\(result.reasons)")
    let lag = result.lag.map(\.lag.max).max() ?? .zero
    #expect(lag > .zero && lag < .seconds(1), "\(lag)")
  }

  @Test func `makes the run prove nothing if it strikes nothing`() throws {
    let call = (at: "3s", on: "writer", call: "disk_failure(0, 0, true, 3)")
    let result = try run([call])
    #expect(result.verdict == .unknown)
    #expect(result.reasons == ["fault f0.1 did not act: 0 requests blocked"])
  }

  @Test func `is ended with the run`() throws {
    let result = try run(
      [(at: "3s", on: "writer", call: "disk_failure(50, 0, true, 1000)")], horizon: "8s")
    let fault = try #require(injected(result).first)
    #expect(fault.end == .start + .seconds(8))
    #expect(result.recoveryPoint.isComplete, "the end state could be read")
  }
}
