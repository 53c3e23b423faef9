import ControlPlane
import Database
import Simulation

/// A call of the management API by an operator: a process on a client's host, which sends a request to the
/// control plane through the network and waits for the answer.
///
/// It acts if the answer is what the scenario expects. A call that got no connection has asked for nothing,
/// and one whose answer was lost is never taken for accepted. What it does to the cluster begins when the control
/// plane takes it on, which may be long after it was made, and though no answer comes.
final class OperatorCall: Strike {
  let victims: [String]
  private(set) var tookEffect = false
  private(set) var evidence = "no answer by the end of the run"
  /// When the control plane took the first of its requests on.
  private(set) var acted: Instant?
  let endsByItself = true
  private let id: String
  private let call: Scenario.Fault.Call
  private let world: World
  private let onEnd: () -> Void
  private var process: Process?
  /// Its own ends of the connections that it has made its requests on.
  private var sources: [Address] = []
  private var isOver = false

  /// - Parameters:
  ///   - instances: that the call is about, one request for each; empty if it names none, or if there is
  ///     none in that role.
  ///   - onEnd: called when there is an answer, or will be none.
  init(
    id: String, _ call: Scenario.Fault.Call, on instances: [String], in world: World,
    onEnd: @escaping () -> Void
  ) {
    (self.id, self.call, self.world, self.onEnd) = (id, call, world, onEnd)
    victims = instances
    world.simulation.emit(
      FaultStarted(fault: id, targets: instances.isEmpty ? ["cluster"] : instances))
    let requests = call.operation.requests(about: instances, of: world.configuration.identifier)
    let host = world.operatorHost(call.client)
    if requests.isEmpty {
      end(false, "there was no \(call.targets) to name")
    } else if !host.isUp {
      end(false, "\(host.name), where the operator stands, is down")
    } else {
      let process = host.start("operator")
      self.process = process
      world.simulation.trace.observe { [weak self] in self?.note($0) }
      process.spawn { [self] in try await make(requests, in: process) }
    }
  }

  private func note(_ event: TraceEvent) {
    guard acted == nil, let taken = event.payload as? ManagementCallTaken,
      sources.contains(taken.client)
    else { return }
    acted = event.instant
  }

  private func make(_ requests: [ManagementRequest], in process: Process) async throws {
    var outcomes: [ManagementClient.Outcome] = []
    for request in requests {
      let outcome = try await ManagementClient.call(
        request, at: world.controlPlane.management, from: process, timeout: call.timeout
      ) { [self] in sources.append($0) }
      outcomes.append(outcome)
    }
    var texts: [String] = []
    for outcome in outcomes {
      let text = call.text(of: outcome)
      if !texts.contains(text) { texts.append(text) }
    }
    let isExpected = outcomes.allSatisfy(call.expects)
    let remark =
      isExpected || call.expectation == .accepted
      ? "" : ", where \(call.expectation.rawValue) was expected"
    end(isExpected, texts.joined(separator: "; ") + remark)
    process.end()
  }

  private func end(_ tookEffect: Bool, _ evidence: String) {
    isOver = true
    (self.tookEffect, self.evidence) = (tookEffect, evidence)
    world.simulation.emit(FaultEnded(fault: id, tookEffect: tookEffect, evidence: evidence))
    onEnd()
  }

  /// The operator waits no longer.
  func finish() {
    process?.end()
    if !isOver { end(tookEffect, evidence) }
  }
}

extension Scenario.Fault.Call.Operation {
  /// What is sent: a request for each instance, or one for the cluster.
  fileprivate func requests(
    about instances: [String], of cluster: String
  ) -> [ManagementRequest] {
    let calls: [ManagementRequest.Call] =
      switch self {
      case .failover(nil): [.failover(target: nil)]
      case .failover: instances.prefix(1).map { .failover(target: $0) }
      case .reboot: instances.map { .reboot($0) }
      case .capacity(_, let range): instances.map { .setCapacity($0, range) }
      }
    return calls.map { ManagementRequest(cluster: cluster, $0) }
  }
}

extension Scenario.Fault.Call {
  fileprivate func expects(_ outcome: ManagementClient.Outcome) -> Bool {
    switch outcome {
    case .answered(.accepted): expectation == .accepted
    case .answered(.refused(let fault)): expectation.rawValue == fault.code
    case .unreachable, .unanswered: expectation == .noAnswer
    }
  }

  fileprivate func text(of outcome: ManagementClient.Outcome) -> String {
    switch outcome {
    case .answered(.accepted): "accepted"
    case .answered(.refused(let fault)): "refused: \(fault.code)"
    case .unreachable(.timedOut): "no connection within \(timeout): nothing was asked"
    case .unreachable: "connection refused, for want of a control plane: nothing was asked"
    case .unanswered(.timedOut): "no answer within \(timeout): it may have been carried out"
    case .unanswered: "the connection broke before the answer: it may have been carried out"
    }
  }
}
