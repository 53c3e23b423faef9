import Foundation
import Reports
import Scenarios
import Simulation

/// Does what a user asks of `borealis explore`.
struct Explorer {
  let run: ScenarioRun
  let horizon: Interval
  /// From one checkpoint to the next.
  let interval: Interval
  var checkpoints: Checkpoints
  let progress: ProgressDisplay
  /// Whether the end state has been read, after which nothing goes on.
  private var isOver = false

  init(
    run: ScenarioRun, horizon: Interval, interval: Interval, checkpoints: Checkpoints,
    progress: ProgressDisplay
  ) {
    (self.run, self.horizon, self.interval) = (run, horizon, interval)
    (self.checkpoints, self.progress) = (checkpoints, progress)
  }

  /// What is heard of while the run goes on.
  private enum Attention {
    case toEverything
    /// Only to what happens where the run will stand: the way there has been heard of before.
    case toTheEnd
  }

  /// Reads requests until there are no more, and ends the process.
  mutating func work() -> Never {
    if Terminal.isPrompting { print("at 0 s of \(horizon); `help` lists what can be asked") }
    var arrival: Interval?
    while true {
      do {
        if let target = arrival {
          arrival = nil
          try runOn(to: target, .toTheEnd)
          showState()
        } else if checkpoints.newest == nil {
          try checkpoints.keep(at: run.reached)
        } else {
          try serve()
        }
      } catch let awakening as Checkpoints.Awakening {
        if awakening.target == nil {
          progress.finish()
          Terminal.complain("The run has crashed. Back at the newest checkpoint before:")
        }
        arrival = awakening.target ?? run.reached
      } catch {
        Terminal.complain("Error: \(error.localizedDescription)")
        checkpoints.endAll(code: Verdict.unknown.exitCode)
      }
    }
  }

  private mutating func serve() throws {
    guard let line = Terminal.readLine(prompt: "\(place)> ") else {
      checkpoints.endAll(code: 0)
    }
    let words = line.trimmingCharacters(in: .whitespaces)
    if words.isEmpty { return }
    switch ExplorerRequest(words) {
    case .goTo(let instant): try go(to: instant)
    case .later(let interval): try go(to: place + interval)
    case .earlier(let interval): try go(to: place - interval)
    case .next: try goToNext()
    case .state: showState()
    case .end: try finish()
    case .help: print(ExplorerRequest.manual)
    case .quit: checkpoints.endAll(code: 0)
    case nil: refuse("expected an instant such as 72.5s, +1s or -1s, or `help`, not '\(words)'")
    }
  }

  /// Where the user stands. To read the end state takes time of its own, which is none of the scenario's.
  private var place: Interval { min(run.reached, horizon) }

  // MARK: Moving

  private mutating func go(to target: Interval) throws {
    guard .zero <= target, target <= horizon else {
      return refuse("expected an instant from 0s to the horizon of \(horizon), found \(target)")
    }
    if isOver || target < run.reached {
      checkpoints.goBack(to: target)
      return refuse("no checkpoint is left before \(target)")
    }
    try runOn(to: target, .toEverything)
    showState()
  }

  /// Runs on to where something is told that a person would want to hear of. That is known only when the run
  /// is past it.
  private mutating func goToNext() throws {
    var found: Interval?
    while !isOver, run.reached < horizon {
      run.advance(to: nextCheckpoint) { [progress] in
        found = found ?? progress.news($0).first?.instant
      }
      if let found {
        checkpoints.goBack(to: found)
        return refuse("no checkpoint is left before \(found)")
      }
      try keepIfDue()
    }
    print("nothing more until the end")
  }

  private mutating func runOn(to target: Interval, _ attention: Attention) throws {
    progress.resume(at: run.reached)
    while run.reached < target {
      run.advance(to: min(target, nextCheckpoint)) { [progress] in
        switch attention {
        case .toEverything: progress.update($0)
        case .toTheEnd: progress.update($0, from: target)
        }
      }
      try keepIfDue()
    }
    progress.finish()
  }

  private var nextCheckpoint: Interval {
    min(horizon, (checkpoints.newest ?? run.reached) + interval)
  }

  private mutating func keepIfDue() throws {
    if run.reached >= nextCheckpoint, checkpoints.newest != run.reached {
      try checkpoints.keep(at: run.reached)
    }
  }

  private mutating func finish() throws {
    if isOver { return print("the run is over; go back to an instant") }
    try runOn(to: horizon, .toEverything)
    let result = run.finish { [progress] in progress.update($0) }
    progress.finish()
    isOver = true
    print(TerminalSummary(result, report: nil).text, terminator: "")
  }

  // MARK: Answers

  private func showState() {
    if isOver { return print("the run is over; go back to an instant") }
    print(RunStateText(run.state).text, terminator: "")
  }

  /// A person may try again; a script that is not understood has failed.
  private mutating func refuse(_ reason: String) {
    Terminal.complain("Error: \(reason)")
    if !Terminal.isPrompting { checkpoints.endAll(code: 3) }
  }
}
