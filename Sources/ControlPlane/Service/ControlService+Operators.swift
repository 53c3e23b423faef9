import Simulation

// What operators ask of the control plane, and what it says to them.
//
// A call is accepted once what it asks for is on disk. From then on it is brought about whatever crashes;
// before that, nobody has been told that it would be.

extension ControlService {
  /// Carries out a call of the management API.
  ///
  /// - Parameters:
  ///   - client: who has made it.
  ///   - answer: called once, at once or when the disk has it; never if the process ends first.
  func carryOut(
    _ request: ManagementRequest, from client: Address,
    _ answer: @escaping (ManagementAnswer) -> Void
  ) {
    do throws(ManagementFault) {
      guard request.cluster == configuration.identifier else { throw .clusterNotFound }
      switch request.call {
      case .failover(let target): try failOver(to: target)
      case .reboot(let instance): try reboot(instance)
      case .setCapacity(let instance, let range): try setCapacity(range, of: instance)
      }
    } catch {
      process.simulation.emit(
        ManagementCallRefused(
          cluster: configuration.identifier, call: request.call.name, code: error.code))
      return answer(.refused(error))
    }
    process.simulation.emit(
      ManagementCallTaken(
        cluster: configuration.identifier, call: request.call.name, client: client))
    whenDurable { answer(.accepted) }
  }

  private func failOver(to target: String?) throws(ManagementFault) {
    guard status == .available else { throw .invalidClusterState }
    if let target, configuration.instance(target) == nil { throw .instanceNotFound }
    perform(try coordinator.requestFailover(to: target, members: members, at: process.now))
    arm()
  }

  /// Notes which run of the engine is to end; heartbeats say when it has.
  private func reboot(_ instance: String) throws(ManagementFault) {
    guard let lifecycle = lifecycle(of: instance) else { throw .instanceNotFound }
    guard lifecycle.status == .available, let heartbeat = monitor.heartbeat(of: instance) else {
      throw .invalidInstanceState
    }
    change { record in
      record.reboots.removeAll { $0.instance == instance }
      record.reboots.append(
        ControlRecord.Reboot(
          instance: instance, agent: heartbeat.incarnation, engineStarts: heartbeat.engineStarts))
    } then: { [self] in
      if let newest = monitor.heartbeat(of: instance) { reconcileReboot(newest) }
      arm()
    }
  }

  /// Orders an instance to restart its engine as long as that is the one which was to be rebooted.
  ///
  /// An agent that was itself restarted meanwhile has found the engine where it was, and started none: it is
  /// still to be done, by the new run of the agent.
  func reconcileReboot(_ heartbeat: Heartbeat) {
    guard let index = record.reboots.firstIndex(where: { $0.instance == heartbeat.instance }) else {
      return
    }
    let reboot = record.reboots[index]
    let isSameAgent = heartbeat.incarnation == reboot.agent
    let isSameEngine = heartbeat.engineStarts == (isSameAgent ? reboot.engineStarts : 0)
    guard isSameEngine, heartbeat.engine.state == .available else {
      return change { $0.reboots.removeAll { $0.instance == reboot.instance } }
    }
    order(.restart, to: heartbeat.instance)
  }

  private func setCapacity(
    _ range: ClosedRange<ServerlessCapacity>, of instance: String
  ) throws(ManagementFault) {
    guard let configured = configuration.instance(instance) else { throw .instanceNotFound }
    guard configured.capacity != nil else { throw .invalidParameterCombination }
    change { record in
      record.ranges.removeAll { $0.instance == instance }
      record.ranges.append(ControlRecord.CapacityRange(instance: instance, range: range))
    } then: { [self] in
      order(.setCapacity(range), to: instance)
    }
  }
}
