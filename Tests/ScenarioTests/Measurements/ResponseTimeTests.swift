import Testing

@testable import Scenarios
@testable import Simulation

@Suite struct `A transaction that nobody answers` {
  private static let latency = Metric.latency(workload: "oltp")
  private static let second = Scenario.Objective.Bound.below(.time(.seconds(1)))

  /// A fault from 40 s to 90 s; one transaction has been answered before it.
  private static func run(_ change: (inout RunBuilder) -> Void) -> RunResult {
    var run = RunBuilder()
    run.fault("cut", from: 40, to: 90)
    run.commit(30, latency: 0.02)
    change(&run)
    return run.result
  }

  @Test func `counts with its age in every window in which it waited`() {
    let windows = Scenario.Objective.Window.allCases
    let result = Self.run { run in
      run.request(50)
      for window in windows {
        run.objective(Self.latency, .max, Self.second, window: window)
        run.objective(
          .unserved(workload: "oltp"), .value, .exactly(.count(0)), window: window)
      }
    }
    for index in windows.indices {
      #expect(result.objectives[2 * index].observed == .duration(.seconds(50)), "\(windows[index])")
      #expect(result.objectives[2 * index].isAtLeast)
      #expect(result.objectives[2 * index + 1].observed == .count(1), "\(windows[index])")
    }
    #expect(result.objectives.allSatisfy { $0.passed == false })
    #expect(result.reasons[0] == "objective oltp.latency max below 1s: it was at least 50.0 s")
    let workload = result.workloads[0]
    #expect(workload.unserved == 1 && workload.latency.unanswered == 1)
    #expect(workload.latency.count == 2 && workload.latency.max == .seconds(50))
    #expect(workload.latency.isAtLeast(0.99) && !workload.latency.isAtLeast(0.5))
    #expect(workload.windows.map(\.name) == ["outside faults", "during faults", "after faults"])
    #expect(workload.windows.map(\.latency.count) == [2, 1, 1])
  }

  @Test func `is none, and an attempt all the same, if it is answered after the fault`() {
    let result = Self.run { run in
      run.commit(95, latency: 45)
      for window in Scenario.Objective.Window.allCases {
        run.objective(.unserved(workload: "oltp"), .value, .exactly(.count(0)), window: window)
      }
    }
    #expect(result.objectives.map(\.passed) == [true, true, true, true])
  }

  @Test func `counts once, with the fault, if it is answered after it`() {
    let result = Self.run { run in
      run.commit(95, latency: 45)
      for window in Scenario.Objective.Window.allCases {
        run.objective(Self.latency, .count, .exactly(.count(0)), window: window)
      }
    }
    #expect(result.objectives.map(\.observed) == [.count(2), .count(1), .count(1), .count(0)])
  }

  /// The larger part decides: of 200 transactions, two that wait may be as slow as they like.
  @Test func `leaves open only what it can change`() {
    let result = Self.run { run in
      for index in 0..<198 { run.commit(30 + Double(index) / 100) }
      run.request(99.5)
      run.request(99.6)
      run.objective(Self.latency, .p95, Self.second)
      run.objective(Self.latency, .p99, Self.second)
      run.objective(Self.latency, .max, Self.second)
      run.objective(Self.latency, .mean, Self.second)
      run.objective(Self.latency, .max, .below(.time(.milliseconds(300))))
      run.objective(.unserved(workload: "oltp"), .value, .exactly(.count(0)))
    }
    // 201 transactions, of which the 199 answered ones reach up to the 99th percentile.
    #expect(result.objectives.map(\.passed) == [true, true, nil, nil, false, true])
    #expect(
      result.reasons.contains(
        "objective oltp.latency max below 1s: it was at least 500 ms; the run ended too early to tell"))
  }

  @Test func `is known if it is answered while the end is read`() {
    let result = Self.run { run in
      run.commit(100.004, latency: 0.009)
      run.objective(Self.latency, .max, Self.second)
    }
    #expect(result.objectives[0].passed == true)
    #expect(result.workloads[0].latency.count == 2)
  }

  @Test func `is unserved at once if there is no application`() {
    let result = Self.run { run in
      run.request(99.9, ending: .lost, at: 99.9)
      run.objective(.unserved(workload: "oltp"), .value, .exactly(.count(1)))
    }
    #expect(result.objectives[0].passed == true)
  }

  @Test func `counts with its time if it ends in an error`() {
    let result = Self.run { run in
      run.request(50, ending: .inDoubt, at: 60)
      run.request(20, ending: .givenUp, at: 20.5)
    }
    #expect(result.workloads[0].latency.count == 3)
    #expect(result.workloads[0].latency.max == .seconds(10) && result.workloads[0].unserved == 0)
  }

  /// The median is 10 ms, rounded up by 0.1 %, so that a session that waited for a second would have begun 98 more.
  @Test func `is what a closed loop omits`() {
    var run = RunBuilder()
    for index in 0..<10 { run.commit(30 + Double(index), latency: 0.01) }
    run.commit(60, latency: 1)
    run.request(99)
    run.objective(.omitted(workload: "oltp"), .value, .exactly(.count(196)))
    let result = run.result
    #expect(result.objectives[0].passed == true, "\(result.reasons)")
    #expect(result.workloads[0].omitted == 196)
  }

  /// One of two hosts, with one session each, is away for ten seconds, and once more from 95 s to the end.
  @Test func `is what a closed loop omits while its application is away`() {
    var run = RunBuilder()
    for index in 0..<10 { run.commit(30 + Double(index), latency: 0.01) }
    run.emit(50, HostWentDown(host: "client-app-0"))
    run.commit(60.01, latency: 0.01)
    run.emit(95, HostWentDown(host: "client-app-0"))
    #expect(run.result.workloads[0].omitted == 1_000 + 500)
  }
}

@Suite struct `Connections as measured` {
  private static func run(_ change: (inout RunBuilder) -> Void) -> RunResult {
    var run = RunBuilder()
    run.session(2)
    let refused = ConnectAttempt.Failure(cause: .refused, kind: "53300")
    let silent = ConnectAttempt.Failure(cause: .timedOut, kind: "connect timed out")
    run.connect(from: 20, to: "w", until: 20.1, failing: refused)
    run.connect(from: 20.5, to: "w", wanted: 20, until: 20.6, failing: refused)
    run.connect(from: 21, to: "w", wanted: 20, until: 24, failing: silent)
    run.connect(from: 24, to: "w", wanted: 20, connected: 24.5, until: 25)
    run.connect(from: 90, of: 1, to: "w", until: 90.1, failing: refused)
    change(&run)
    return run.result
  }

  @Test func `count by how they ended, and as errors of the workload`() {
    let result = Self.run { run in
      for key in ["attempts", "refused", "timed_out", "broken"] {
        let metric = run.scenario.metricScope.all.first { $0.name == "oltp.connections.\(key)" }
        if let metric { run.objective(metric, .value, .exactly(.count(0))) }
      }
      run.objective(.errors(workload: "oltp"), .value, .exactly(.count(0)))
    }
    #expect(
      result.objectives.map(\.observed)
        == [.count(5), .count(3), .count(1), .count(0), .count(4)])
    let connections = result.workloads[0].connections
    #expect(connections.failures.map { "\($0.kind) \($0.count)" } == ["53300 3", "connect timed out 1"])
    #expect(
      result.workloads[0].errors.map(\.kind)
        == ["no session: 53300", "no session: connect timed out"])
    let series = result.series.workloads[0]
    #expect(series.connects[20] == 2 && series.connectsRefused[20] == 2)
    #expect(series.connectsTimedOut[24] == 1 && series.errors[24] == 1)
  }

  @Test func `take their time from the first attempt on, and one that is not there yet counts`() {
    let result = Self.run { run in
      run.objective(.connectTime(workload: "oltp"), .max, .below(.time(.seconds(1))))
      run.objective(.connectTime(workload: "oltp"), .min, .below(.time(.seconds(6))))
    }
    #expect(result.objectives.map(\.observed) == [.duration(.seconds(10)), .duration(.seconds(5))])
    #expect(result.objectives.map(\.passed) == [false, true])
  }
}
