internal import Simulation

extension Scenario {
  /// The scenario of one seed: chaos turned into faults of the ordinary kind, which may miss, into the workloads
  /// that this seed runs, and into the claim that the cluster comes back.
  ///
  /// ```
  ///   window ── family 1: ▇▇▇  ▇▇   ▇▇▇▇ │ liveness: all is healed but one AZ, which stays away
  ///          ── family 2:   ▇▇▇▇▇    ▇▇  │ writes_ok within …
  /// ```
  ///
  /// Always the same for a seed; a scenario without chaos comes back as it is.
  public func unfolded(seed: UInt64) -> Scenario {
    guard let chaos else { return self }
    var scenario = self
    scenario.chaos = nil
    scenario.run.armsFaultPoints = chaos.armsFaultPoints
    let random = RandomStream(seed: seed).fork("chaos")
    if let count = chaos.workloads { scenario.drawWorkloads(count, random.fork("workloads")) }
    var budget = ChaosBudget(chaos, cluster.volume)
    scenario.faults += swarm(chaos, within: &budget, random)
    if let within = chaos.liveness {
      scenario.freeze(
        from: chaos.window.upperBound, converging: within, damaged: budget.damaged, random)
    }
    return scenario
  }

  /// Keeps some of the workloads, and of the claims those that these can show. One that only reads brings one along that
  /// writes what it reads.
  private mutating func drawWorkloads(_ count: ClosedRange<Int>, _ random: RandomStream) {
    var places = Array(workloads.indices)
    random.shuffle(&places)
    let drawn = count.lowerBound + random.index(below: count.count)
    var chosen = Array(places.prefix(drawn))
    for place in places where workloads[place].mix.writes && !chosen.contains(place) {
      let ofMix = chosen.filter { workloads[$0].mix.name == workloads[place].mix.name }
      if !ofMix.isEmpty, !ofMix.contains(where: { workloads[$0].mix.writes }) {
        chosen.append(place)
      }
    }
    workloads = chosen.sorted().map { workloads[$0] }
    let drawnScenario = self
    claims.always.removeAll { $0.invariant.impossibility(drawnScenario) != nil }
  }

  private func swarm(
    _ chaos: Chaos, within budget: inout ChaosBudget, _ random: RandomStream
  ) -> [Fault] {
    var families = chaos.families.compactMap { ChaosFamily(rawValue: $0) }
    random.shuffle(&families)
    let width = chaos.pick.upperBound - chaos.pick.lowerBound + 1
    families = Array(families.prefix(chaos.pick.lowerBound + random.index(below: width)))
    var faults: [Fault] = []
    for family in families {
      let draw = ChaosDraw(scenario: self, random: random.fork(family.rawValue))
      var start = chaos.window.lowerBound + draw.random.interval(in: chaos.off)
      while true {
        let length = draw.random.interval(in: chaos.on)
        guard start + length <= chaos.window.upperBound else { break }
        let drawn = draw.fault(of: family, lasting: length)
        let end = start + (drawn.length ?? length)
        if end <= chaos.window.upperBound, budget.spend(drawn, from: start, to: end) {
          faults.append(
            Fault(
              id: "\(family.rawValue)-\(faults.count + 1)", anchor: .at(start, jitter: .zero),
              duration: drawn.action.duration == .none ? nil : length, mayMiss: true,
              action: drawn.action))
        }
        start = end + draw.random.interval(in: chaos.off)
      }
    }
    return faults.sorted { ($0.start, $0.id) < ($1.start, $1.id) }
  }

  /// Keeps one AZ away until the end, and claims that writes go on without it.
  ///
  /// Nobody knows whether the damage of the window has been repaired by then: a copy on a blank disk gets its pages
  /// when a writer has told it up to where, and there may have been none for a while. So the AZ is one without
  /// which, and without all copies that were ever damaged, each protection group has a read quorum left.
  private mutating func freeze(
    from start: Interval, converging within: Interval, damaged: [StorageNodeName],
    _ random: RandomStream
  ) {
    let volume = cluster.volume
    let zones = AvailabilityZoneLetter.allCases.filter { zone in
      let away = damaged + StorageNodeName.all(in: zone, of: self)
      return cluster.instances.contains { $0.zone != zone }
        && (0..<volume.protectionGroups).allSatisfy { group in
          volume.copies(ofGroup: group, on: away) <= Volume.copies - volume.readQuorum
        }
    }
    guard !zones.isEmpty, start < run.horizon else { return }
    let zone = zones[random.index(below: zones.count)]
    faults.append(
      Fault(
        id: "frozen", anchor: .at(start, jitter: .zero), duration: run.horizon - start,
        mayMiss: true, action: .outage(.zone(zone))))
    claims.eventually.append(
      Eventuality(
        after: .edge(FaultEdge(fault: "frozen", side: .start)), within: within,
        conditions: [.writesOK]))
  }
}

extension Scenario.Fault {
  /// When a fault that chaos has drawn begins: these are anchored to the start of the run.
  fileprivate var start: Interval {
    if case .at(let instant, _) = anchor { instant } else { .zero }
  }
}
