import ArgumentParser
import Foundation
import Scenarios
import Simulation

/// Shrinks a failing run in child processes, several at a time.
final class ShrinkRunner {
  private let original: String
  private let plan: Scenario
  private let seed: UInt64
  /// What candidates have to show; found out by running the plan again if it left nothing the first time.
  private var target: FailureTarget?
  /// How far beyond its bound the smallest so far is.
  private var margin: FailureMargin?
  private let starts: [(fault: String, start: Interval)]
  private let folder: ResultFolder
  private let jobs: Int
  private let arguments: [String]
  private let isQuiet: Bool

  private struct Interrupted: Error {}

  /// - Parameters:
  ///   - original: the path of the scenario's file.
  ///   - failure: the way in which it failed; `nil` if it crashed.
  ///   - result: what the run came to; `nil` if it crashed and left nothing.
  ///   - arguments: handed on to every run.
  init(
    original: String, plan: Scenario, seed: UInt64, failure: RunFailure?, result: RunResult?,
    folder: ResultFolder, jobs: Int, arguments: [String], isQuiet: Bool
  ) {
    (self.original, self.plan, self.seed) = (original, plan, seed)
    target = failure.map { FailureTarget($0, in: result) }
    margin = target?.margin
    starts = result?.faultStarts ?? []
    (self.folder, self.jobs, self.arguments, self.isQuiet) = (folder, jobs, arguments, isQuiet)
  }

  /// - Returns: the path of the file that was written.
  /// - Throws: exit code 2 if the user interrupted it; the smallest scenario so far is written then, too.
  func run() throws -> String {
    if target == nil { target = try crashOfPlan() }
    guard let target else {
      Terminal.complain("seed \(seed) does not crash again, so there is nothing to reduce")
      throw ExitCode(Verdict.unknown.exitCode)
    }
    var smallest = plan
    var judged = 0
    var shrinker = Shrinker(plan, starts: starts) { [isQuiet] progress in
      (smallest, judged) = (progress.smallest, progress.judged)
      if !isQuiet { Self.show(progress) }
    } judge: { [self] candidates in
      try firstFailing(candidates)
    }
    var wasInterrupted = false
    do {
      let isCrash = if case .crash = target.failure { true } else { false }
      smallest = try shrinker.shrink(keeping: isCrash ? nil : target.failure)
      judged = shrinker.judged
    } catch is Interrupted {
      wasInterrupted = true
    }
    if !isQuiet { Terminal.clearStatus() }
    let file = RegressionFile(
      scenario: smallest.regression(of: seed), target: target, margin: margin, original: original,
      seed: seed, judged: judged)
    let path = "\(folder.path)/\(file.name)"
    try Data(file.text.utf8).write(to: URL(filePath: path))
    if wasInterrupted {
      Terminal.complain("Interrupted; the smallest so far is in \(path)")
      throw ExitCode(Verdict.unknown.exitCode)
    }
    return path
  }

  private static func show(_ progress: Shrinker.Progress) {
    guard Terminal.isInteractive else { return }
    let scenario = progress.smallest
    Terminal.showStatus(
      "shrinking: \(progress.judged) runs, now \(progress.pass); smallest: \(scenario.faults.count) "
        + "faults, \(scenario.workloads.count) workloads, \(scenario.cluster.instances.count) instances, "
        + "\(scenario.run.horizon)")
  }

  // MARK: Judging

  /// Runs candidates in their order, several at a time; as soon as one fails and all before it do not, the
  /// rest is given up.
  private func firstFailing(_ candidates: [Scenario]) throws -> Int? {
    let pool = JobPool(limit: jobs)
    var running: [pid_t: Int] = [:]
    var next = 0
    var best: (place: Int, margin: FailureMargin?)?
    defer { for place in running.values { candidateFolder(place).remove() } }
    while true {
      while pool.hasRoom, next < (best?.place ?? candidates.count) {
        running[try start(candidates[next], next, in: pool).identifier] = next
        next += 1
      }
      switch pool.next() {
      case .idle:
        if let best { margin = best.margin }
        return best?.place
      case .interrupted: throw Interrupted()
      case .ended(let child, let ending):
        guard let place = running.removeValue(forKey: child.identifier) else { continue }
        let found = failure(of: ending, in: candidateFolder(place))
        candidateFolder(place).remove()
        guard let found, place < (best?.place ?? candidates.count) else { continue }
        best = (place, found.margin)
        for (identifier, other) in running where other > place {
          pool.stop(ChildProcess(identifier: identifier))
          running.removeValue(forKey: identifier)
          candidateFolder(other).remove()
        }
      }
    }
  }

  private func candidateFolder(_ place: Int) -> ResultFolder {
    ResultFolder(path: "\(folder.path)/candidate-\(place)")
  }

  private func start(_ candidate: Scenario, _ place: Int, in pool: JobPool) throws -> ChildProcess {
    let folder = candidateFolder(place)
    try folder.prepare()
    folder.removeResult()
    let path = "\(folder.path)/candidate.yaml"
    try Data(candidate.yaml.utf8).write(to: URL(filePath: path))
    return try pool.start(
      ["run", path, "--seed", "\(seed)", "--out", folder.path, "--quiet"] + arguments,
      output: "\(folder.path)/output.txt")
  }

  /// How a candidate failed, if that is what is looked for.
  private func failure(
    of ending: ChildProcess.Ending, in folder: ResultFolder
  ) -> FailureTarget? {
    guard let target else { return nil }
    switch ending {
    case .signal: return crash(ending, in: folder) == target ? target : nil
    case .exit:
      guard let result = folder.savedResult, target.isMet(by: result) else { return nil }
      return FailureTarget(target.failure, in: result)
    }
  }

  /// Runs the plan once more, to see how it crashes; `nil` if it does not.
  private func crashOfPlan() throws -> FailureTarget? {
    let pool = JobPool(limit: 1)
    let folder = candidateFolder(0)
    defer { folder.remove() }
    _ = try start(plan, 0, in: pool)
    guard case .ended(_, let ending) = pool.next() else { throw ExitCode(Verdict.unknown.exitCode) }
    return crash(ending, in: folder)
  }

  /// - Returns: `nil` if the program ended by itself, or for want of CPU time.
  private func crash(_ ending: ChildProcess.Ending, in folder: ResultFolder) -> FailureTarget? {
    guard case .signal(let signal) = ending, signal != SIGXCPU else { return nil }
    let words = (try? String(contentsOfFile: "\(folder.path)/output.txt", encoding: .utf8)) ?? ""
    return FailureTarget(.crash(.init(signal: signal, lastWords: words)), in: nil)
  }
}
