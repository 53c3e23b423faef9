internal import Simulation

extension Scenario.Fault.Action {
  /// Actions that do less of the same, the least first; empty if there is nothing to take away.
  var simpler: [Self] {
    switch self {
    case .process(let fault): fault.simpler.map { .process($0) }
    case .host(let fault): fault.simpler
    case .outage(let fault): fault.simpler
    case .link(let fault): fault.simpler.map { .link($0) }
    case .disk(let fault):
      fault.kind.simpler.map { .disk(Scenario.Fault.Disk(fault.target, $0)) }
    case .resource(let fault):
      fault.kind.simpler.map { .resource(Scenario.Fault.Resource(fault.target, $0)) }
    case .clock(let fault):
      fault.kind.simpler.map { .clock(Scenario.Fault.Clock(fault.target, $0)) }
    case .names, .statement, .call: []
    }
  }
}

extension Scenario.Fault.Process {
  fileprivate var simpler: [Self] {
    if case .killLoop = kind { [Self(target, .crash)] } else { [] }
  }
}

extension Scenario.Fault.Host {
  /// A lost host is worse than a crashed one, and that worse than its process.
  fileprivate var simpler: [Scenario.Fault.Action] {
    switch kind {
    case .crash:
      target.hasProgram ? [.process(Scenario.Fault.Process(target, .crash))] : []
    case .loss, .tornWrite, .rollingRestart: [.host(Self(target, .crash))]
    }
  }
}

extension Scenario.Fault.Outage {
  fileprivate var simpler: [Scenario.Fault.Action] {
    switch self {
    case .zone(let zone), .power(let zone):
      [Target.storage(zone), .instances(zone)].map { .host(Scenario.Fault.Host($0, .crash)) }
    case .region: AvailabilityZoneLetter.allCases.map { .outage(.zone($0)) }
    }
  }
}

extension Scenario.Fault.Link {
  fileprivate var simpler: [Self] {
    var simpler = kind.simpler.map { Self(route, $0) }
    if case .between(let one, let other) = route {
      simpler += [
        Self(.oneWay(from: one, to: other), kind), Self(.oneWay(from: other, to: one), kind),
      ]
    }
    return simpler
  }
}

extension Scenario.Fault.Link.Kind {
  fileprivate var simpler: [Self] {
    switch self {
    case .loss(let share): share.smaller.map { .loss($0) }
    case .duplicate(let share): share.smaller.map { .duplicate($0) }
    case .reorder(let share, let longest): share.smaller.map { .reorder($0, by: longest) }
    case .corrupt(let share, let escaping):
      share.smaller.map { .corrupt($0, escaping: escaping) }
        + escaping.smaller.map { .corrupt(share, escaping: $0) }
    case .delay(let shape):
      if case .constant(let interval) = shape {
        Halving.towards(.milliseconds(1), from: interval).map { .delay(.constant($0)) }
      } else {
        [.delay(.constant(.milliseconds(1)))]
      }
    case .cut, .reset, .flap, .clog, .swizzle: []
    }
  }
}

extension Scenario.Fault.Disk.Kind {
  fileprivate var simpler: [Self] {
    switch self {
    case .slow(let factor):
      Halving.towards(2, from: factor.times).map { .slow(Factor(times: $0)) }
    case .failure(let share): share.smaller.map { .failure($0) }
    case .misdirectedWrite(let share): share.smaller.map { .misdirectedWrite($0) }
    case .misdirectedRead(let share): share.smaller.map { .misdirectedRead($0) }
    case .bitRot(let bits): Halving.towards(1, from: bits).map { .bitRot($0) }
    case .stall, .delay, .full, .lostFlush, .loss: []
    }
  }
}

extension Scenario.Fault.Resource.Kind {
  fileprivate var simpler: [Self] {
    switch self {
    case .cpu(let factor): Halving.towards(2, from: factor.times).map { .cpu(Factor(times: $0)) }
    case .memory(let share): share.smaller.map { .memory($0) }
    case .connections(let count): Halving.towards(1, from: count).map { .connections($0) }
    case .bandwidth: []
    }
  }
}

extension Scenario.Fault.Clock.Kind {
  fileprivate var simpler: [Self] {
    func smaller(_ interval: Interval) -> [Interval] {
      let size = max(interval, .zero - interval)
      return Halving.towards(.milliseconds(1), from: size).map {
        interval < .zero ? .zero - $0 : $0
      }
    }
    return switch self {
    case .offset(let interval): smaller(interval).map { .offset($0) }
    case .step(let interval): smaller(interval).map { .step($0) }
    case .drift(let drift):
      Halving.towards(1, from: abs(drift.count)).map {
        .drift(PartsPerMillion(count: drift.count < 0 ? -$0 : $0))
      }
    case .repeatedSecond, .smearedSecond: []
    }
  }
}

extension Percentage {
  /// One percent, and then what lies half way to it.
  fileprivate var smaller: [Percentage] {
    Halving.towards(1, from: Int(fraction * 100)).map { .percent(Int64($0)) }
  }
}
