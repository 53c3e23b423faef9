import Foundation
import Scenarios
import Simulation

/// Shows how a run gets on: one changing line, and a line for whatever breaks or is mended.
final class ProgressDisplay {
  private let isQuiet: Bool
  private let started = ContinuousClock.now
  private var shown = ContinuousClock.now
  /// Where the cluster endpoint pointed last.
  private var endpoint: String?

  private static let refresh = Duration.milliseconds(100)

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  func update(_ progress: ScenarioRun.Progress) {
    guard !isQuiet else { return }
    for event in progress.news { tell(event, progress) }
    guard Terminal.isInteractive, ContinuousClock.now - shown > Self.refresh else { return }
    shown = ContinuousClock.now
    Terminal.showStatus(status(progress))
  }

  func finish() {
    guard !isQuiet else { return }
    Terminal.clearStatus()
  }

  private func status(_ progress: ScenarioRun.Progress) -> String {
    let elapsed = (ContinuousClock.now - started) / .seconds(1)
    let speed = elapsed > 0 ? progress.reached.seconds / elapsed : 0
    let done = Int(progress.reached.seconds / progress.horizon.seconds * 30)
    let bar =
      String(repeating: "█", count: min(30, done))
      + String(repeating: "░", count: max(0, 30 - done))
    let reached = String(format: "%.1f", progress.reached.seconds)
    return "\(progress.stage.rawValue) \(bar) \(reached) s of \(progress.horizon)"
      + "  \(Int(speed))× real time  \(progress.events) events"
  }

  /// The events that a person would want to hear of as they happen.
  private func tell(_ event: TraceEvent, _ progress: ScenarioRun.Progress) {
    let text: String
    switch event.name {
    case "fault.started": text = "fault \(event.subject) begins on \(event.text("targets") ?? "")"
    case "fault.ended": text = "fault \(event.subject) ends"
    case "control.suspected": text = "\(event.subject) is suspected: its heartbeats have stopped"
    case "control.elected": text = "\(event.subject) is elected"
    case "control.dns_updated":
      // The zone is renewed whenever a reader comes or goes, too.
      let target = event.text("writer")
      defer { endpoint = target }
      guard let target, target != endpoint else { return }
      text = "the cluster endpoint points at \(target)"
    case "control.failover_completed": text = "the failover is complete"
    default: return
    }
    guard let origin = progress.origin else { return }
    let time = String(format: "%9.3f s", (event.instant - origin).seconds)
    Terminal.tell("\(time)  \(text)")
  }
}
