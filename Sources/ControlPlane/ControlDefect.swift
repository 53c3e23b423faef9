public import Simulation

/// Mistakes of the control plane.
public enum ControlDefect: String, Defect {
  /// Silence is not noticed.
  case neverSuspects = "control.never_suspects"
  /// The names go on standing for the first writer.
  case neverRenames = "control.never_renames"
  /// Host agents carry out no order after their first.
  case agentsDisobey = "control.agents_disobey"
}
