import ControlPlane
import Foundation
import Scenarios
import Simulation

/// Shows how a run gets on: one changing line, and a line for whatever breaks or is mended.
final class ProgressDisplay {
  private let isQuiet: Bool
  private var started = ContinuousClock.now
  /// Where the run stood then.
  private var departure = Interval.zero
  private var shown = ContinuousClock.now
  /// Where the cluster endpoint pointed last.
  private var endpoint: String?

  private static let refresh = Duration.milliseconds(100)

  /// Something that a person would want to hear of.
  struct News {
    /// As the scenario counts.
    let instant: Interval
    let text: String
  }

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  /// - Parameter start: as the scenario counts; what has happened before it is not told.
  func update(_ progress: ScenarioRun.Progress, from start: Interval = .zero) {
    let news = news(progress)
    guard !isQuiet else { return }
    for item in news where item.instant >= start {
      Terminal.tell(String(format: "%9.3f s", item.instant.seconds) + "  \(item.text)")
    }
    guard Terminal.isInteractive, ContinuousClock.now - shown > Self.refresh else { return }
    shown = ContinuousClock.now
    Terminal.showStatus(status(progress))
  }

  /// Says that the run goes on after it stood still, which is not held against its speed.
  func resume(at departure: Interval) {
    (started, self.departure) = (ContinuousClock.now, departure)
  }

  func finish() {
    guard !isQuiet else { return }
    Terminal.clearStatus()
  }

  private func status(_ progress: ScenarioRun.Progress) -> String {
    let elapsed = (ContinuousClock.now - started) / .seconds(1)
    let speed = elapsed > 0 ? (progress.reached - departure).seconds / elapsed : 0
    let done = Int(progress.reached.seconds / progress.horizon.seconds * 30)
    let bar =
      String(repeating: "█", count: min(30, done))
      + String(repeating: "░", count: max(0, 30 - done))
    let reached = String(format: "%.1f", progress.reached.seconds)
    return "\(progress.stage.rawValue) \(bar) \(reached) s of \(progress.horizon)"
      + "  \(Int(speed))× real time  \(progress.events) events"
  }

  /// What has happened since the last report; to be asked once for each.
  func news(_ progress: ScenarioRun.Progress) -> [News] {
    progress.news.compactMap { event in
      guard let text = text(of: event), let origin = progress.origin else { return nil }
      return News(instant: event.instant - origin, text: text)
    }
  }

  private func text(of event: TraceEvent) -> String? {
    switch event.payload {
    case let event as FaultStarted:
      return "fault \(event.fault) begins on \(event.targets.joined(separator: " "))"
    case let event as FaultEnded: return "fault \(event.fault) ends"
    case let event as InstanceSuspected:
      let reason = event.reason == .silent ? "its heartbeats have stopped" : "its engine is down"
      return "\(event.instance) is suspected: \(reason)"
    case let event as CandidateElected: return "\(event.instance) is elected"
    case let event as ZonePublished:
      // The zone is renewed whenever a reader comes or goes, too.
      defer { endpoint = event.writer }
      return event.writer == endpoint ? nil : "the cluster endpoint points at \(event.writer)"
    case is FailoverCompleted: return "the failover is complete"
    default: return nil
    }
  }
}
