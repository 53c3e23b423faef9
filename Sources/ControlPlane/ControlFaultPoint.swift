public import Simulation

/// Places at which the control plane can be made to take a rare way; see ``FaultPoints``.
public enum ControlFaultPoint: String, FaultPoint {
  /// An agent leaves out a heartbeat.
  case heartbeatIsLost = "control.heartbeat_is_lost"
}
