import ControlPlane
import Database
import Simulation

/// A call of the management API.
final class OperatorCall: Strike {
  let victims: [String]
  let tookEffect: Bool
  let evidence: String
  let endsByItself = false

  /// - Parameter instance: that the call is about, if it names one.
  init(id: String, _ call: Scenario.Fault.Call, on instance: String?, in world: World) {
    victims = instance.map { [$0] } ?? []
    world.simulation.emit(FaultStarted(fault: id, targets: [instance ?? "cluster"]))
    do {
      switch (call, instance) {
      case (.failover, let target): try world.controlPlane.failOver(to: target)
      case (.reboot, let target?): world.controlPlane.reboot(target)
      case (.capacity(_, let range), let target?):
        world.controlPlane.setCapacity(range, of: target)
      case (.reboot, nil), (.capacity, nil): throw FailoverError.invalidClusterState
      }
      let isUp = world.controlPlane.topology != nil
      (tookEffect, evidence) = (isUp, isUp ? "accepted" : "the control plane is down")
    } catch {
      (tookEffect, evidence) = (false, "refused: \(error)")
    }
    world.simulation.emit(FaultEnded(fault: id, tookEffect: tookEffect, evidence: evidence))
  }

  func finish() {}
}
