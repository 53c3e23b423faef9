public import Simulation

/// Places at which an instance can be made to take a rare way; see ``FaultPoints``.
public enum DatabaseFaultPoint: String, FaultPoint {
  /// The operating system lets something else run for a while before a session goes on.
  case sessionIsPreempted = "database.session_is_preempted"
}
