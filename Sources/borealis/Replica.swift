import Foundation
import Scenarios

/// A run once more, in a fresh process, from the plan that was saved.
struct Replica {
  private let original: ResultFolder
  private let seed: UInt64
  private let planted: DefectOptions

  init(of original: ResultFolder, seed: UInt64, planted: DefectOptions) {
    (self.original, self.seed, self.planted) = (original, seed, planted)
  }

  /// Runs and compares. The replica's folder stays, beside the report, only if the two differ.
  ///
  /// - Returns: what differs, one sentence each; empty if nothing does.
  func compare(with result: RunResult, _ history: RunHistory) throws -> [String] {
    let folder = ResultFolder(path: "\(original.path)/\(ResultFolder.replayName)")
    try folder.prepare()
    folder.removeResult()
    let child = try ChildProcess.start(
      [
        "run", original.planPath, "--seed", "\(seed)", "--out", folder.path, "--quiet",
      ] + planted.arguments, output: "\(folder.path)/output.txt")
    let ending = child.wait()
    // The terminal has interrupted both.
    if Interruption.signal != nil {
      folder.remove()
      return []
    }
    guard ending == .exit(result.verdict.exitCode) || folder.savedResult != nil else {
      return [
        "the replay left no result, \(ending); its last words are in \(folder.path)/output.txt"
      ]
    }
    let replay = try folder.read()
    let names = ("in the run", "in its replay")
    let differences = RunComparison(result, replay.result, names: names).differences
    if differences.isEmpty {
      folder.remove()
      return []
    }
    let narrowing = DifferenceNarrowing(
      first: .init(
        name: "run", plan: original.planPath, seed: seed, planted: planted, history: history),
      second: .init(
        name: "replay", plan: folder.planPath, seed: seed, planted: planted,
        history: replay.history))
    return differences + (try narrowing.findings())
  }
}
