public import Simulation

/// Mistakes of the control plane.
public enum ControlDefect: String, Defect {
  /// Silence is not noticed.
  case neverSuspects = "control.never_suspects"
  /// The names go on standing for the first writer.
  case neverRenames = "control.never_renames"
  /// Host agents carry out no order after their first.
  case agentsDisobey = "control.agents_disobey"
  /// The control plane comes back with what it was given first, whatever its disk holds.
  case forgetsItsRecord = "control.forgets_its_record"
  /// A client's resolver keeps an answer for as long as it runs.
  case keepsAnswers = "control.keeps_answers"
  /// The names stand for the next writer as soon as it is elected.
  case renamesEarly = "control.renames_early"
}
