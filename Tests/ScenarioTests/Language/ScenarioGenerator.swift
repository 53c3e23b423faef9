import ControlPlane
import Scenarios
import Simulation

/// Draws scenarios that are right, with every kind of everything in them.
struct ScenarioGenerator {
  private let random: RandomStream

  init(seed: UInt64) { random = RandomStream(seed: seed) }

  private func one<Element>(of choices: [Element]) -> Element {
    choices[random.index(below: choices.count)]
  }

  private func number(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + random.index(below: range.count)
  }

  private func maybe() -> Bool { random.chance(0.5) }

  /// Of any fineness, from whole minutes to nanoseconds.
  private func interval(to longest: Interval) -> Interval {
    let unit = one(of: [1, 1000, 1_000_000, 1_000_000_000, 60_000_000_000] as [Int64])
    let count = max(1, longest.nanoseconds / unit)
    let drawn = Int64(random.integer(below: UInt64(count))) + 1
    return min(longest, .nanoseconds(drawn * unit))
  }

  private func shape() -> LatencyDistribution.Shape {
    let low = interval(to: .seconds(1))
    let high = low + interval(to: .seconds(1))
    return one(of: [
      .constant(low), .uniform(low, high), .exponential(mean: low),
      .normal(mean: high, deviation: low), .lognormal(median: low, p99: high),
    ])
  }

  private func percentage() -> Percentage {
    Percentage(partsPerBillion: Int64(random.integer(below: 1_000_000_001)))
  }

  private func rate() -> Rate {
    Rate(millionthsPerSecond: Int64(random.integer(below: 1_000_000_000)) + 1)
  }

  private func zone() -> AvailabilityZoneLetter { one(of: AvailabilityZoneLetter.allCases) }

  private func instance(_ id: String) -> Scenario.Instance {
    let isServerless = maybe()
    let low = ServerlessCapacity(halves: number(1...32))
    return Scenario.Instance(
      id: id, zone: zone(),
      instanceClass: isServerless ? "serverless" : one(of: ["db.r6g.large", "db.x2g.16xlarge"]),
      capacity: isServerless ? low...ServerlessCapacity(halves: low.halves + number(0...64)) : nil,
      tier: number(0...15))
  }

  private func target(readers: Int) -> Target {
    one(of: [
      .writer, .anyReader, .readers, .instance("w1"), .instances(maybe() ? zone() : nil),
      .storage(maybe() ? zone() : nil), .storageNode(zone(), index: number(0...1)), .zone(zone()),
      .controlPlane, .nameServer, .clients, .client("app"), .lot(number(1...2), of: .storage(.c)),
      .lot(1, of: .clients),
    ])
  }

  private func program() -> Target {
    let instance = one(of: [
      Target.writer, .anyReader, .readers, .instance("w1"), .instances(maybe() ? zone() : nil),
    ])
    return one(of: [instance, .storage(.b), .agents(of: instance), .controlPlane, .nameServer])
  }

  private func storage() -> Target {
    one(of: [.storage(nil), .storage(.b), .storageNode(.a, index: 1)])
  }

  private func host() -> Target {
    one(of: [.writer, .storage(.b), .zone(.a), .controlPlane, .nameServer])
  }

  private func signed(_ interval: Interval) -> Interval { maybe() ? interval : .zero - interval }

  private func link() -> Scenario.Fault.Link {
    let route = one(of: [
      Scenario.Fault.Link.Route.around(target(readers: 1)),
      .between(target(readers: 1), target(readers: 1)),
      .oneWay(from: target(readers: 1), to: target(readers: 1)),
    ])
    let down = interval(to: .seconds(2))
    let kind = one(of: [
      Scenario.Fault.Link.Kind.cut, .reset, .flap(down: down, every: down + .seconds(1)),
      .delay(shape()), .loss(percentage()), .duplicate(percentage()),
      .reorder(percentage(), by: down), .corrupt(percentage(), escaping: percentage()), .clog,
      .swizzle,
    ])
    if kind == .swizzle { return .init(.around(target(readers: 1)), kind) }
    return .init(route, kind)
  }

  private func disk() -> Scenario.Fault.Disk.Kind {
    one(of: [
      .slow(Factor(times: number(1...50))),
      .stall(.milliseconds(300), every: interval(to: .seconds(5)) + .seconds(1)),
      .delay(shape()),
      .failure(percentage()), .full, .lostFlush, .bitRot(number(0...99)),
      .misdirectedWrite(percentage()), .misdirectedRead(percentage()), .loss,
    ])
  }

  private func action() -> Scenario.Fault.Action {
    let span = interval(to: .seconds(5))
    let capacity = ServerlessCapacity(halves: number(1...9))
    return one(of: [
      .process(.init(program(), one(of: [.crash, .pause, .killLoop(every: span)]))),
      .host(
        .init(host(), one(of: [.crash, .loss, .rollingRestart(down: span, every: span)]))),
      .host(.init(storage(), .tornWrite)),
      .outage(one(of: [.zone(zone()), .power(zone()), .region("us-east-1")])),
      .link(link()), .link(link()), .disk(.init(storage(), disk())),
      .resource(
        .init(
          .writer,
          one(of: [
            .cpu(Factor(times: number(1...50))), .memory(percentage()),
            .bandwidth(
              ByteRate(perSecond: ByteSize(bytes: Int64(number(1...99)) << number(0...30)))),
            .connections(number(1...500)),
          ]))),
      .clock(
        .init(
          host(),
          one(of: [
            .offset(signed(span)), .drift(PartsPerMillion(count: number(0...999) - 500)),
            .step(signed(span)), .repeatedSecond, .smearedSecond,
          ]))),
      .names(one(of: Scenario.Fault.Names.allCases)),
      .statement(
        .init(
          .writer,
          one(of: [
            "SELECT aurora_inject_crash('node')", "null", "it's: {odd}, \"very\"\n# and long",
          ]), expecting: one(of: [nil, .noAnswer, .error(sqlState: "22012"), .answer("SELECT 1")]),
          timeout: interval(to: .minutes(3)))),
      .call(
        Scenario.Fault.Call(
          one(of: [
            .failover(to: nil), .failover(to: .instance("w1")), .reboot(.anyReader),
            .capacity(
              .instance("w1"),
              capacity...ServerlessCapacity(halves: capacity.halves + number(0...9))),
          ]),
          expecting: one(of: Scenario.Fault.Call.Expectation.allCases),
          timeout: interval(to: .seconds(100)))),
    ])
  }

  private func fault(_ index: Int) -> Scenario.Fault {
    let action = action()
    let duration: Interval? =
      switch action {
      case .statement, .call: nil
      case .clock(let clock) where clock.kind.isMomentary: nil
      case .disk(let disk) where disk.kind.isMomentary: nil
      case .process(let process) where process.kind == .crash:
        maybe() ? interval(to: .seconds(20)) : nil
      case .outage(.power): maybe() ? interval(to: .seconds(20)) : nil
      case .host(let host) where host.kind.isStart: maybe() ? interval(to: .seconds(20)) : nil
      default: interval(to: .seconds(20))
      }
    let jitter = maybe() ? interval(to: .seconds(1)) : .zero
    let isFirst = index == 0 || maybe()
    let anchor: Anchor =
      isFirst
      ? .at(.seconds(30) + interval(to: .seconds(60)), jitter: jitter)
      : .after(
        FaultEdge(
          fault: "f\(number(0...index - 1))", side: one(of: FaultEdge.Side.allCases)),
        offset: maybe() ? interval(to: .seconds(5)) : .zero, jitter: jitter)
    return Scenario.Fault(id: "f\(index)", anchor: anchor, duration: duration, action: action)
  }

  private func mix() -> Mix {
    one(of: [
      .pgbenchTPCB(scale: 3, accountsPerBranch: 500),
      .bank(accounts: 9, initialBalance: 70, audits: percentage()),
      .listAppend(
        keys: 8, operations: 1...number(1...9), reads: percentage(), ranges: percentage()),
    ])
  }

  private func workload(_ index: Int, horizon: Interval) -> Scenario.Workload {
    let steps = [
      Arrivals.Step(from: .zero, rate: rate()), Arrivals.Step(from: .seconds(7), rate: rate()),
    ]
    let arrivals = one(of: [Arrivals.poisson(rate()), .uniform(rate()), .steps(steps)])
    let start = maybe() ? interval(to: .seconds(20)) : .zero
    return Scenario.Workload(
      id: "work-\(index)", client: "app", mix: mix(),
      isolation: one(of: Scenario.Workload.Isolation.allCases),
      load: maybe()
        ? .open(arrivals, connections: number(1...50))
        : .closed(concurrency: number(1...50), thinkTime: shape()),
      start: start, duration: maybe() ? horizon - start : interval(to: .seconds(30)))
  }

  private func objective(_ scenario: Scenario) -> Scenario.Objective {
    let workload = scenario.workloads[0].id
    var metrics: [Metric] = [
      .failoverSeenByClient, .failoverCount, .lostTransactions, .lostBytes, .lostTime,
      .latency(workload: workload), .throughput(workload: workload), .errors(workload: workload),
    ]
    if !scenario.cluster.readers.isEmpty { metrics += [.lag(reader: nil), .lag(reader: "w1")] }
    if let instance = scenario.cluster.instances.first(where: \.isServerless) {
      metrics += [.capacity(instance: nil), .capacity(instance: instance.id)]
    }
    let metric = one(of: metrics)
    let statistic =
      metric.isSampled
      ? one(of: Scenario.Objective.Statistic.allCases.filter { $0 != .value }) : .value
    let unit = statistic == .count ? .count : metric.unit
    let quantity: Scenario.Quantity =
      switch unit {
      case .time: .time(interval(to: .seconds(40)))
      case .count: .count(number(0...9))
      case .bytes: .bytes(ByteSize(bytes: Int64(number(0...99)) << number(0...40)))
      case .rate: .rate(rate())
      case .capacity: .capacity(ServerlessCapacity(halves: number(1...512)))
      }
    let bound: Scenario.Objective.Bound = one(
      of: [.below(quantity), .above(quantity), .exactly(quantity)])
    let canBeSure = statistic.quantile != nil || statistic == .mean
    return Scenario.Objective(
      metric: metric, client: metric.isToldByClient && maybe() ? "app" : nil,
      statistic: statistic, bound: bound,
      window: metric.hasWindow ? one(of: Scenario.Objective.Window.allCases) : .all,
      confidence: canBeSure && bound != .exactly(quantity) && maybe()
        ? .percent(Int64(number(50...99))) : nil)
  }

  func scenario() -> Scenario {
    let horizon = Interval.minutes(5)
    let seeds = UInt64(number(1...99))
    var scenario = Scenario(
      name: "random",
      claim: one(of: ["It holds.", "yes", "12", "null", "It's: # \"so\"", "größer"]),
      run: Scenario.Run(
        horizon: horizon, warmup: maybe() ? interval(to: .seconds(9)) : .zero,
        seeds: seeds...seeds + UInt64(number(0...9)), replayShare: percentage()),
      cluster: Scenario.Cluster(
        writer: instance("w1"), readers: (0..<number(0...3)).map { instance("r\($0)") },
        volume: Scenario.Volume(
          protectionGroups: number(1...9), storageNodesPerZone: number(2...9),
          writeQuorum: number(1...6),
          readQuorum: number(1...6), hotLog: ByteSize(bytes: Int64(number(1...99)) << 20)),
        parameters: Scenario.Parameters(
          heartbeatInterval: .milliseconds(500),
          heartbeatTimeout: .milliseconds(number64(501...9000)),
          engineStart: interval(to: .seconds(9)), hostRestart: shape(),
          dnsTTL: interval(to: .seconds(60)),
          sharedBuffers: ByteSize(bytes: Int64(number(1...99)) << 20))),
      network: Scenario.Network(
        sameZone: Scenario.Network.Link(latency: shape(), loss: percentage()),
        crossZone: Scenario.Network.Link(latency: shape(), loss: percentage())),
      disk: Scenario.Disk(read: shape(), write: shape(), flush: shape()),
      clients: [
        Scenario.Client(
          id: "app", endpoint: one(of: [.cluster, .instance("w1")]), zone: maybe() ? zone() : nil,
          count: number(1...9), dnsTTL: interval(to: .seconds(60)),
          connectTimeout: interval(to: .seconds(60)) + .milliseconds(1),
          retryBackoff: .milliseconds(10)...(.milliseconds(10) + interval(to: .seconds(2))),
          restart: maybe() ? .never : .after(interval(to: .seconds(60))))
      ],
      workloads: (0..<number(1...3)).map { workload($0, horizon: horizon) },
      faults: (0..<number(0...4)).map(fault))
    var always: [Scenario.ClaimedInvariant] = [
      .noAcknowledgedCommitLost, .singleWriter, .copiesAgree,
    ]
    let mixes = scenario.workloads.map(\.mix.name)
    if mixes.contains("bank") { always.append(.bankTotalConstant) }
    if mixes.contains("list-append") {
      always.append(.isolation(one(of: Scenario.IsolationLevel.allCases)))
    }
    scenario.claims = Scenario.Claims(
      always: always, sometimes: maybe() ? situations(of: scenario) : [], never: [.commitInDoubt])
    if !scenario.faults.isEmpty {
      scenario.claims.eventually = [
        Scenario.Eventuality(
          after: one(of: [
            .firstFaultStart, .lastFaultEnd, .edge(FaultEdge(fault: "f0", side: .end)),
          ]), within: interval(to: .seconds(9)), conditions: conditions(of: scenario))
      ]
    }
    scenario.objectives = (0..<number(0...3)).map { _ in objective(scenario) }
    return scenario
  }

  /// Those that can come about.
  private func situations(of scenario: Scenario) -> [Scenario.Situation] {
    (scenario.cluster.readers.isEmpty ? [] : [.failover])
      + (scenario.cluster.instances.contains(where: \.isServerless) ? [.scaleUp] : [])
  }

  private func conditions(of scenario: Scenario) -> [Scenario.Condition] {
    let isWritten =
      scenario.clients[0].endpoint == .cluster && scenario.workloads.contains(where: \.mix.writes)
    return (isWritten ? [.writesOK] : []) + [.allCopiesComplete]
  }

  private func number64(_ range: ClosedRange<Int>) -> Int64 { Int64(number(range)) }
}

extension Scenario.Fault.Clock.Kind {
  fileprivate var isMomentary: Bool {
    switch self {
    case .step, .repeatedSecond: true
    default: false
    }
  }
}

extension Scenario.Fault.Disk.Kind {
  fileprivate var isMomentary: Bool { if case .bitRot = self { true } else { false } }
}

extension Scenario.Fault.Host.Kind {
  /// Whether it can do without a duration.
  fileprivate var isStart: Bool { if case .rollingRestart = self { false } else { true } }
}
