public import Simulation

/// Rare situations of the control plane. Each is the name of a trace event, and met as often as that is told.
public enum ControlProbe: String, Probe {
  case noCandidate = "control.no_candidate"
  case attemptFailed = "control.attempt_failed"
  case termLearned = "control.term_learned"
  case writerReturned = "control.writer_returned"
  case suspicionCleared = "control.cleared"
  case engineAdopted = "agent.engine_adopted"
  case engineDemoted = "agent.engine_demoted"
  case engineFenced = "agent.engine_fenced"
  case engineHung = "agent.engine_hung"
  case restartHeldBack = "agent.restart_held_back"
}
