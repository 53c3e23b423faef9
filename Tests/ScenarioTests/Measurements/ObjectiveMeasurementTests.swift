import ControlPlane
import Testing

@testable import Scenarios
@testable import Simulation

@Suite struct `A measured window` {
  private static func window(_ kind: Scenario.Objective.Window) -> MeasuredWindow {
    MeasuredWindow(
      kind, measured: moment(10)..<moment(100),
      faults: [
        moment(50)...moment(60), moment(5)...moment(12), moment(55)...moment(70),
        moment(20)...moment(20),
      ])
  }

  @Test func `keeps the warm-up and the end out`() {
    let window = Self.window(.all)
    #expect(!window.contains(moment(9.9)) && window.contains(moment(10)))
    #expect(window.contains(moment(99.9)) && !window.contains(moment(100)))
  }

  @Test func `counts with the calm only what met no fault`() {
    let window = Self.window(.outsideFaults)
    #expect(window.contains(moment(12.1)...moment(19.9)))
    #expect(!window.contains(moment(20)) && !window.contains(moment(15)...moment(25)))
    // It arrived while a fault was on, or saw a whole one.
    #expect(!window.contains(moment(69)...moment(71)))
    #expect(!window.contains(moment(49)...moment(71)))
    #expect(window.contains(moment(70.1)...moment(71)))
  }

  @Test func `counts after the last fault what began after it`() {
    let window = Self.window(.afterFaults)
    #expect(!window.contains(moment(65)...moment(75)) && !window.contains(moment(30)))
    #expect(window.contains(moment(70.5)...moment(75)))
  }

  @Test func `is made of stretches of time`() {
    let tick = Interval.nanoseconds(1)
    #expect(Self.window(.all).stretches == [moment(10)..<moment(100)])
    #expect(
      Self.window(.duringFaults).stretches == [
        moment(10)..<(moment(12) + tick), moment(20)..<(moment(20) + tick),
        moment(50)..<(moment(70) + tick),
      ])
    #expect(
      Self.window(.outsideFaults).stretches == [
        (moment(12) + tick)..<moment(20), (moment(20) + tick)..<moment(50),
        (moment(70) + tick)..<moment(100),
      ])
    #expect(Self.window(.afterFaults).stretches == [(moment(70) + tick)..<moment(100)])
  }

  /// Against the obvious model, over random faults and spans.
  @Test(arguments: 0..<100 as Range<UInt64>)
  func `divides everything into calm and trouble`(seed: UInt64) {
    let random = Simulation(seed: seed).random("windows")
    func span(_ longest: UInt64) -> ClosedRange<Instant> {
      let start = Instant.start + .milliseconds(Int64(random.integer(below: 100)))
      return start...(start + .milliseconds(Int64(random.integer(below: longest))))
    }
    let faults = (0..<random.integer(below: 5)).map { _ in span(20) }
    let measured = (Instant.start + .milliseconds(10))..<(Instant.start + .milliseconds(90))
    func window(_ kind: Scenario.Objective.Window) -> MeasuredWindow {
      MeasuredWindow(kind, measured: measured, faults: faults)
    }
    for _ in 0..<50 {
      let span = span(10)
      let isMeasured = measured.contains(span.upperBound)
      let meets = faults.contains { $0.overlaps(span) }
      #expect(window(.all).contains(span) == isMeasured)
      #expect(window(.outsideFaults).contains(span) == (isMeasured && !meets))
      #expect(window(.duringFaults).contains(span) == (isMeasured && meets))
    }
    let lengths = [Scenario.Objective.Window.outsideFaults, .duringFaults].map {
      window($0).stretches.reduce(Interval.zero) { $0 + ($1.upperBound - $1.lowerBound) }
    }
    #expect(lengths[0] + lengths[1] == .milliseconds(80))
  }
}

@Suite struct `An objective` {
  private static let fortyMilliseconds = Scenario.Quantity.time(.milliseconds(40))

  /// Judged results of one metric under several objectives.
  private static func observed(_ run: RunBuilder) -> [Quantity?] {
    run.result.objectives.map(\.observed)
  }

  /// Slow during the warm-up and across the fault, 20 ms before and 10 ms after.
  @Test func `of latency has the windows of its transactions`() {
    var run = RunBuilder()
    run.fault("power", from: 40, to: 50)
    run.commit(5, latency: 2)
    run.commit(30, latency: 0.02)
    run.commit(45, latency: 0.3)
    run.commit(51, latency: 8)
    run.commit(60, latency: 0.01)
    for window in Scenario.Objective.Window.allCases {
      run.objective(
        .latency(workload: "oltp"), .max, .below(Self.fortyMilliseconds), window: window)
    }
    run.objective(.latency(workload: "oltp"), .count, .exactly(.count(4)))
    run.objective(.latency(workload: "oltp"), .min, .below(Self.fortyMilliseconds))
    run.objective(
      .latency(workload: "oltp"), .mean, .above(Self.fortyMilliseconds), window: .outsideFaults)
    let result = run.result
    #expect(
      result.objectives.map(\.observed) == [
        .duration(.seconds(8)), .duration(.milliseconds(20)), .duration(.seconds(8)),
        .duration(.milliseconds(10)), .count(4), .duration(.milliseconds(10)),
        .duration(.milliseconds(15)),
      ])
    #expect(result.objectives.map(\.passed) == [false, true, false, true, true, true, false])
    #expect(result.objectives.map(\.window).prefix(2) == ["", "outside faults"])
    #expect(result.objectives[0].comparison == .below)
    #expect(result.objectives[0].bound == .duration(.milliseconds(40)))
    #expect(
      result.reasons == [
        "objective oltp.latency max below 40ms: it was 8.00 s",
        "objective oltp.latency max below 40ms, during faults: it was 8.00 s",
        "objective oltp.latency mean above 40ms, outside faults: it was 15.0 ms",
      ])
  }

  @Test func `of throughput counts whole seconds of the workload`() {
    var run = RunBuilder(horizon: 20, warmup: 10)
    run.scenario.workloads[0].start = .milliseconds(11_500)
    run.scenario.workloads[0].duration = .seconds(5)
    // Whole seconds are 12 to 16.
    for (second, count) in [(11, 9), (12, 4), (13, 2), (15, 6), (16, 9)] {
      for index in 0..<count { run.commit(Double(second) + Double(index) / 10) }
    }
    let throughput = Metric.throughput(workload: "oltp")
    run.objective(throughput, .min, .above(.rate(.perSecond(0))))
    run.objective(throughput, .mean, .above(.rate(.perSecond(2))))
    run.objective(throughput, .p50, .exactly(.rate(.perSecond(2))))
    run.objective(throughput, .count, .exactly(.count(4)))
    let objectives = run.result.objectives
    #expect(objectives.map(\.observed) == [.rate(0), .rate(3), .rate(2), .count(4)])
    #expect(objectives.map(\.passed) == [false, true, true, true])
  }

  @Test func `of errors counts failed attempts of its window`() {
    var run = RunBuilder()
    run.fault("power", from: 40, to: 50)
    for seconds in [3.0, 20, 45, 60, 61] { run.failure(seconds, "40001") }
    run.objective(.errors(workload: "oltp"), .value, .exactly(.count(4)))
    run.objective(
      .errors(workload: "oltp"), .value, .exactly(.count(1)), window: .duringFaults)
    #expect(Self.observed(run) == [.count(4), .count(1)])
    #expect(run.result.verdict == .pass)
  }

  @Test func `of lag takes every commit and reader, and the series the worst of each second`() {
    var run = RunBuilder(horizon: 20, warmup: 10)
    run.look(10, at: "r1", lag: 9)
    run.passage(9.9, to: "r1", lag: 9)
    for seconds in 11...20 {
      run.look(Double(seconds), at: "r1", lag: Double(seconds) / 1000)
      run.look(Double(seconds), at: "r2", lag: 0.5)
      run.look(Double(seconds), at: "w")
      for number in 0..<9 {
        run.passage(Double(seconds) - 0.9, to: "r1", lag: Double(number) / 1000)
      }
      run.passage(Double(seconds) - 0.5, to: "r1", lag: Double(seconds) / 1000)
      run.passage(Double(seconds) - 0.5, to: "r2", lag: 0.5)
    }
    run.objective(.lag(reader: "r1"), .max, .below(.time(.milliseconds(21))))
    run.objective(.lag(reader: "r1"), .p50, .below(.time(.microseconds(5_010))))
    run.objective(.lag(reader: "r1"), .mean, .below(.time(.microseconds(5_160))))
    run.objective(.lag(reader: nil), .max, .below(.time(.milliseconds(21))))
    let result = run.result
    #expect(result.objectives.map(\.passed) == [true, true, true, false])
    #expect(result.lag.map(\.reader) == ["r1", "r2"])
    #expect(result.lag.map(\.lag.count) == [100, 10])
    #expect(result.lag[0].lag.max == .milliseconds(20))
    // Nine of 0 to 8 ms and one of 11 to 20 ms in each second.
    #expect(result.lag[0].lag.mean == .microseconds(5_150))
    #expect(result.series.lag.first { $0.reader == "r1" }?.highest[9] == .seconds(9))
    #expect(result.series.lag.first { $0.reader == "r1" }?.highest[19] == .milliseconds(20))
    #expect(result.series.lag.first { $0.reader == "r1" }?.highest[3] == .some(nil))
  }

  /// From 10 s to 100 s: 30 s at 0.5 ACU, 45 s at 4, and 15 s without a host.
  private static func scaling() -> RunBuilder {
    var run = RunBuilder(serverless: ServerlessCapacity(halves: 1)...ServerlessCapacity(halves: 32))
    run.capacity(-4, "w", milliACU: 500)
    run.capacity(40, "w", milliACU: 4000)
    run.capacity(41, "w", milliACU: 4000)
    run.emit(85, HostWentDown(host: "w"))
    run.capacity(100.5, "w", milliACU: 500)
    return run
  }

  @Test func `of capacity is weighted by time`() throws {
    var run = Self.scaling()
    run.objective(.capacity(instance: "w"), .max, .above(.capacity(ServerlessCapacity(halves: 7))))
    run.objective(.capacity(instance: nil), .min, .exactly(.capacity(.smallest)))
    run.objective(
      .capacity(instance: nil), .p50, .exactly(.capacity(ServerlessCapacity(halves: 8))))
    run.objective(.capacity(instance: nil), .count, .exactly(.count(2)))
    let result = run.result
    #expect(
      result.objectives.map(\.observed)
        == [.capacity(4), .capacity(0.5), .capacity(4), .count(2)])
    let capacity = try #require(result.capacity.first)
    #expect(result.capacity.count == 1 && capacity.instance == "w")
    #expect(capacity.allowed == 0.5...16)
    #expect(capacity.lowest == 0.5 && capacity.highest == 4)
    #expect(capacity.capacitySeconds == 195 && capacity.mean == 195.0 / 75)
  }

  @Test func `of capacity finds growth, but no shrinking in a reboot`() {
    var run = Self.scaling()
    run.capacity(90, "w", milliACU: 500)
    run.scenario.claims.sometimes = [.scaleUp, .scaleDown]
    let claims = run.result.claims
    #expect(claims.map(\.passed) == [true, false])
    #expect(claims[0].evidence == "w went from 0.5 ACU to 4.0 ACU")
    #expect(claims[0].instant == moment(40))
    #expect(claims[1].evidence == "not seen in 100.0 s")
  }

  @Test func `of the recovery point reads the ledger, or cannot be judged`() {
    var run = RunBuilder()
    run.verification.ledger?.acknowledgedCount = 9
    run.verification.ledger?.lostCount = 2
    run.verification.ledger?.lostBytes = 300
    run.verification.ledger?.lostTime = .seconds(3)
    run.objective(.lostTransactions, .value, .exactly(.count(0)))
    run.objective(.lostBytes, .value, .below(.bytes(ByteSize(bytes: 301))))
    run.objective(.lostTime, .value, .above(.time(.seconds(3))))
    #expect(run.result.objectives.map(\.passed) == [false, true, false])
    run.verification.ledger = nil
    #expect(run.result.objectives.map(\.passed) == [nil, nil, nil])
    #expect(run.result.verdict == .unknown)
  }

  /// It can be missed where nothing was attempted, and not met.
  @Test func `is not met by nothing`() {
    var run = RunBuilder()
    run.objective(.errors(workload: "oltp"), .value, .exactly(.count(0)))
    run.objective(.errors(workload: "oltp"), .value, .above(.count(3)))
    run.objective(.latency(workload: "oltp"), .count, .below(.count(5)))
    run.objective(.throughput(workload: "oltp"), .max, .below(.rate(.perSecond(9))))
    run.objective(.lostTransactions, .value, .exactly(.count(0)))
    run.objective(.failoverSeenByClient, .count, .exactly(.count(0)))
    let result = run.result
    #expect(result.objectives.map(\.passed) == [nil, false, nil, nil, nil, nil])
    #expect(
      result.reasons.sorted() == [
        "objective failover.client_seen count is 0: it was 0, but no client ever had a session",
        "objective oltp.errors above 3: it was 0",
        "objective oltp.errors is 0: it was 0, but no transaction was attempted",
        "objective oltp.latency count below 5: it was 0, but no transaction was attempted",
        "objective oltp.throughput max below 9/s: it was 0.0/s, but no transaction was attempted",
        "objective rpo.transactions is 0: it was 0, but no client was told of the commit of a"
          + " transaction that writes",
      ])
    // In the warm-up, and after it: only what is in the window counts.
    run.session(1)
    run.commit(5)
    #expect(run.result.objectives.map(\.passed) == [nil, false, nil, nil, nil, true])
    run.commit(15)
    run.verification.ledger?.acknowledgedCount = 2
    #expect(run.result.objectives.map(\.passed) == [true, false, true, true, true, true])
  }

  /// Where clients wait and wait, there is no error, no refusal and no lag; and nothing is shown by it.
  @Test func `is not met where nothing came to an end`() {
    var run = RunBuilder()
    run.request(20)
    run.objective(.errors(workload: "oltp"), .value, .exactly(.count(0)))
    run.objective(.connectFailures(.refused, workload: "oltp"), .value, .exactly(.count(0)))
    run.objective(.connectAttempts(workload: "oltp"), .value, .exactly(.count(0)))
    run.objective(.connectTime(workload: "oltp"), .count, .below(.count(1)))
    run.objective(.lag(reader: nil), .count, .below(.count(1)))
    run.objective(.unserved(workload: "oltp"), .value, .exactly(.count(0)))
    run.objective(.latency(workload: "oltp"), .max, .below(.time(.seconds(1))))
    run.objective(.throughput(workload: "oltp"), .min, .above(.rate(.perSecond(1))))
    #expect(
      run.result.objectives.map(\.passed) == [nil, nil, true, nil, nil, false, false, false])
    let reasons = run.result.reasons
    for text in [
      "oltp.errors is 0: it was 0, but no attempt had ended",
      "oltp.connections.refused is 0: it was 0, but no attempt to get a session had ended",
      "oltp.connect_time count below 1: it was 0, but nobody wanted a session",
      "lag count below 1: it was 0, but no commit was on its way to a reader",
    ] {
      #expect(reasons.contains("objective \(text)"), "\(reasons)")
    }
    // All is served.
    run.requests = []
    run.session(15)
    run.commit(16)
    run.passage(16, to: "r1", lag: 0.01)
    #expect(
      run.result.objectives.map(\.passed) == [true, true, false, false, false, true, true, false])
  }

  /// A part of the run in which nothing ended has nothing to say, however much the rest has.
  @Test func `is not met by an empty window`() {
    var run = RunBuilder()
    run.fault("power", from: 40, to: 50)
    run.commit(20)
    for window in Scenario.Objective.Window.allCases {
      run.objective(.errors(workload: "oltp"), .value, .exactly(.count(0)), window: window)
    }
    #expect(run.result.objectives.map(\.passed) == [true, true, nil, nil])
  }

  @Test func `of failovers leaves open what a broken-off run has not seen`() {
    var run = RunBuilder()
    run.failOver()
    run.objective(.failoverCount, .value, .exactly(.count(1)))
    run.objective(.failoverCount, .value, .above(.count(0)))
    #expect(run.result.objectives.map(\.passed) == [true, true])
    run.end = 70
    #expect(run.result.objectives.map(\.passed) == [nil, true])
  }

  /// An outage of 30 s and 400 µs is not below 30 s, and one sees why.
  @Test(arguments: [
    (30.000_4, 30, "30.0004 s"), (31.94, 30, "31.9 s"), (30, 30, "30.0 s"),
    (29.999_999, 30, "29.999999 s"), (124.6, 125, "124.6 s"), (300, 120, "5 min 00 s"),
    (0.020_04, 0.02, "20.04 ms"), (0.000_840_2, 0.000_84, "840.2 µs"),
  ])
  func `is told with the digits that show why`(value: Double, bound: Double, text: String) {
    let observed = Quantity.duration(.seconds(rounding: value))
    #expect(observed.text(against: .duration(.seconds(rounding: bound))) == text)
  }

  @Test func `of any unit is told with the digits that show why`() {
    #expect(Quantity.rate(49.96).text(against: .rate(50)) == "49.96/s")
    #expect(Quantity.rate(12.34).text(against: .rate(50)) == "12.3/s")
    #expect(Quantity.capacity(8.04).text(against: .capacity(8)) == "8.04 ACU")
    #expect(Quantity.bytes(1025).text(against: .bytes(1024)) == "1\u{202F}025 B")
    #expect(Quantity.bytes(4096).text(against: .bytes(1024)) == "4.0 KiB")
    #expect(Quantity.count(3).text(against: .count(3)) == "3")
    var run = RunBuilder()
    run.commit(20, latency: 0.040_001)
    run.objective(
      .latency(workload: "oltp"), .min, .below(Self.fortyMilliseconds))
    #expect(
      run.result.reasons == ["objective oltp.latency min below 40ms: it was 40.001 ms"])
  }

  @Test func `without anything to measure cannot be judged`() {
    var run = RunBuilder()
    run.session(1)
    run.objective(.failoverSeenByClient, .p95, .below(.time(.seconds(30))))
    run.objective(.failoverCount, .value, .exactly(.count(0)))
    let result = run.result
    #expect(result.objectives.map(\.passed) == [nil, true])
    #expect(result.verdict == .unknown)
    #expect(
      result.reasons
        == [
          "objective failover.client_seen p95 below 30s: there was nothing to measure: no client at"
            + " work had its writer interrupted"
        ])
  }

  @Test func `of failovers is of the client it names`() {
    var run = RunBuilder()
    run.scenario.clients.append(Scenario.Client(id: "other"))
    run.session(1)
    run.failOver()
    run.commit(70, on: "r1", session: 69, latency: 11)
    run.objective(.failoverSeenByClient, .max, .below(.time(.seconds(30))), client: "app")
    run.objective(.failoverSeenByClient, .max, .below(.time(.seconds(30))), client: "other")
    run.objective(.failoverCount, .value, .exactly(.count(1)))
    #expect(run.result.objectives.map(\.observed) == [.duration(.seconds(10)), nil, .count(1)])
  }
}
