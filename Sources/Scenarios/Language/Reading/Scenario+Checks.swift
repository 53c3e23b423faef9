internal import Simulation

/// What only the whole scenario can tell to be wrong.
extension Scenario {
  /// Every fault begins before the horizon and is over by then, however its jitter falls.
  ///
  /// - Parameter fields: the faults as they were read, in the same order.
  func checkTimes(ofFaults fields: [Field]) throws(ScenarioError) {
    let anchors = anchorPlaces
    // The fault from which each was come upon first; its chain has an end, or is the one that is followed now.
    var origins = [Int?](repeating: nil, count: faults.count)
    for (index, field) in fields.enumerated() {
      var chain: [String] = []
      var next: Int? = index
      while let place = next {
        chain.append(faults[place].id)
        if origins[place] == index {
          throw (field.child("after") ?? field).refusal(
            .contradiction("it waits for itself: \(chain.joined(separator: ", "))"))
        }
        if origins[place] != nil { break }
        origins[place] = index
        next = anchors[place]
      }
    }
    let earliest = faultWindows(movedBy: { .zero - $0.anchor.jitter })
    let latest = faultWindows(movedBy: { $0.anchor.jitter })
    for (index, field) in fields.enumerated() {
      let fault = faults[index]
      let anchor = field.child("at") ?? field.child("after") ?? field
      let atMost = fault.anchor.jitter == .zero ? "" : "at the latest "
      if earliest[index].start < .zero {
        throw anchor.refusal(
          .contradiction("its jitter can put it before the start of the run"))
      }
      if latest[index].start >= run.horizon {
        throw anchor.refusal(
          .contradiction(
            "it would start \(atMost)at \(latest[index].start), which is not before the horizon of"
              + " \(run.horizon)"))
      }
      if latest[index].end > run.horizon {
        throw (field.child("for") ?? anchor).refusal(
          .contradiction(
            "it would end \(atMost)at \(latest[index].end), after the horizon of \(run.horizon)"))
      }
    }
  }

  /// An objective is of what every seed runs.
  func checkIsMeasured(_ objective: Objective, _ field: Field) throws(ScenarioError) {
    guard let drawn = chaos?.workloads, drawn.lowerBound < workloads.count else { return }
    let isOfWorkload = workloads.contains { $0.id == objective.metric.subject }
    guard isOfWorkload || objective.client != nil else { return }
    throw (field.child(isOfWorkload ? "metric" : "client") ?? field).refusal(
      .contradiction(
        "chaos draws \(drawn.scalar) of the \(workloads.count) workloads for each seed, so that many"
          + " seeds have nothing to measure"))
  }

  /// Every claim has something to be judged by.
  func checkJudgeable(_ field: Field) throws(ScenarioError) {
    func refuse(_ key: String, _ index: Int, _ reason: String) throws(ScenarioError) {
      let item = try field.child(key)?.items()[index]
      throw (item ?? field).refusal(.contradiction(reason))
    }
    for (index, claim) in claims.always.enumerated() {
      if let reason = claim.invariant.impossibility(self) { try refuse("always", index, reason) }
    }
    for (key, situations) in [("sometimes", claims.sometimes), ("never", claims.never)] {
      for (index, situation) in situations.enumerated() {
        if let reason = situation.impossibility(self) { try refuse(key, index, reason) }
      }
    }
    let latest = faultWindows(movedBy: { $0.anchor.jitter })
    // What chaos draws; an AZ that stays away for good is a fault as well.
    let drawn =
      chaos.map { chaos in
        [chaos.window.lowerBound...(chaos.liveness == nil ? chaos.window.upperBound : run.horizon)]
      } ?? []
    for (index, claim) in claims.eventually.enumerated() {
      for condition in claim.conditions {
        if let reason = condition.impossibility(self) { try refuse("eventually", index, reason) }
      }
      let beginning: Interval?
      switch claim.after {
      case .firstFaultStart:
        beginning = (latest.map(\.start) + drawn.map(\.lowerBound)).min()
      case .lastFaultEnd:
        beginning = (latest.map(\.end) + drawn.map(\.upperBound)).max()
      case .edge(let edge):
        let window = latest.first { $0.id == edge.fault }
        beginning = edge.side == .start ? window?.start : window?.end
      }
      guard let beginning else {
        return try refuse("eventually", index, "the scenario has no faults")
      }
      if beginning + claim.within > run.horizon {
        try refuse(
          "eventually", index,
          "it could come true as late as \(beginning + claim.within), after the horizon of"
            + " \(run.horizon)")
      }
    }
  }
}
