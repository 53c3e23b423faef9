import Simulation

/// What is left of a scenario when parts of it go.
extension Scenario {
  /// Only what a failure is judged by.
  func claimingOnly(_ failure: RunFailure) -> Scenario {
    var scenario = self
    scenario.objectives = objectives.filter { objective in
      if case .objective(let subject, _) = failure { objective.subject == subject } else { false }
    }
    scenario.claims = Claims()
    guard case .claim(let kind, let name, _) = failure else { return scenario }
    switch kind {
    case .always: scenario.claims.always = claims.always.filter { $0.name == name }
    case .sometimes: scenario.claims.sometimes = claims.sometimes.filter { $0.name == name }
    case .never: scenario.claims.never = claims.never.filter { $0.name == name }
    case .eventually: scenario.claims.eventually = claims.eventually
    }
    return scenario
  }

  /// Every fault begins at an instant of its own, whatever else there is.
  ///
  /// - Parameter starts: when faults began; for those that are not named, when they would without jitter.
  func withFixedInstants(_ starts: [(fault: String, start: Interval)]) -> Scenario {
    var scenario = self
    let windows = faultWindows { _ in .zero }
    for (index, window) in windows.enumerated() {
      let start = starts.first { $0.fault == window.id }?.start ?? window.start
      scenario.faults[index].anchor = .at(max(.zero, start), jitter: .zero)
    }
    return scenario
  }

  /// What is anchored to a fault that goes begins where it would have begun.
  func keeping(faults kept: [Fault]) -> Scenario {
    var scenario = self
    let windows = faultWindows { _ in .zero }
    scenario.faults = kept.map { fault in
      guard case .after(let edge, _, let jitter) = fault.anchor,
        !kept.contains(where: { $0.id == edge.fault })
      else { return fault }
      var fault = fault
      let start = windows.first { $0.id == fault.id }?.start ?? .zero
      fault.anchor = .at(start, jitter: jitter)
      return fault
    }
    return scenario
  }

  /// Clients without a workload go as well.
  func keeping(workloads kept: [Workload]) -> Scenario {
    var scenario = self
    scenario.workloads = kept
    scenario.clients = clients.filter { client in kept.contains { $0.client == client.id } }
    return scenario
  }

  func keeping(readers kept: [Instance]) -> Scenario {
    var scenario = self
    scenario.cluster.readers = kept
    return scenario
  }
}
