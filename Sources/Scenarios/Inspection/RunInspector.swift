import ControlPlane
import Database
import Simulation
import Volume

/// Looks at a run between two events; it reads, and schedules, draws and sends nothing.
struct RunInspector {
  let world: World
  /// The instant that the scenario calls zero.
  let origin: Instant
  let faults: [FaultResult]

  var state: RunState {
    let simulation = world.simulation
    return RunState(
      instant: .start + (simulation.now - origin), digest: simulation.digest.hexadecimal,
      eventCount: simulation.loop.eventCount, scheduledEvents: simulation.loop.pendingCount,
      packetsInFlight: simulation.network.inFlightCount,
      faults: faults.filter { $0.start != nil && $0.end == nil }.map(\.id),
      hosts: simulation.hosts.map(state), instances: world.instances.map(state), groups: groups)
  }

  private func state(of host: Host) -> RunState.Host {
    let node = world.storageNodes.first { $0.host === host }
    return RunState.Host(
      name: host.name, zone: host.zone?.letter ?? "", isUp: host.isUp,
      processes: host.processes.map { "\($0.name) \($0.incarnation)" },
      runQueue: host.processor.backlog,
      disks: host.disks.map {
        RunState.Disk(
          name: $0.name, operations: $0.pendingCount, unflushedBytes: $0.unflushedBytes)
      },
      hotLogFill: node?.hotLogFill)
  }

  private func state(of instance: DatabaseInstance) -> RunState.Instance {
    RunState.Instance(
      id: instance.identifier, role: instance.role.rawValue, state: instance.state.rawValue,
      epoch: text(of: instance.epoch), completeLSN: instance.completeLSN?.value,
      durableLSN: instance.durableLSN.value, activeTransactions: instance.activeTransactionCount,
      sessions: instance.sessions.map { session in
        let client = world.simulation.hosts[session.client.host.index].name
        return RunState.Session(
          processID: Int(session.processID), client: "\(client):\(session.client.port)",
          state: session.state.rawValue, waitsFor: session.wait.rawValue,
          statement: session.statement)
      })
  }

  private var groups: [RunState.ProtectionGroup] {
    let durable = world.instances.map(\.durableLSN).max() ?? .zero
    let copies = VolumeInspector(geometry: world.geometry, nodes: world.storageNodes)
      .copies(at: durable)
    return world.geometry.members.indices.map { group in
      RunState.ProtectionGroup(
        number: group,
        copies: copies.filter { $0.group == group }.map {
          RunState.Copy(
            host: $0.host, isServing: $0.isServing, epoch: text(of: $0.epoch),
            segmentCompleteLSN: $0.segmentCompleteLSN.value, isComplete: $0.isComplete)
        })
    }
  }

  /// An epoch's number and, after it, who opened it.
  private func text(of epoch: VolumeEpoch) -> String {
    guard epoch != .none else { return "none" }
    let opener = Int(epoch.opener)
    let name = opener < world.instances.count ? world.instances[opener].identifier : "\(opener)"
    return "\(epoch.number) of \(name)"
  }
}
