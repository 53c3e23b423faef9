import ArgumentParser
import Foundation
import Reports
import Scenarios

struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Compares two saved runs: metrics side by side, and the first event at which they part.",
    discussion: """
      Exit code 0: they are equal. 1: they differ, as runs of different plans, seeds or builds may. 4: they \
      differ, and are of one plan, one seed and one build. To name the event, both are run again up to \
      where they part, each by the build that made it, if that is at hand.
      """)

  @Argument(help: "A folder that `run` wrote.", completion: .directory)
  var first: String

  @Argument(help: "Another.", completion: .directory)
  var second: String

  @Option(
    help: ArgumentHelp("The program that made the first, if this one did not.", valueName: "path"),
    completion: .file())
  var firstProgram: String?

  @Option(
    help: ArgumentHelp("The program that made the second, if this one did not.", valueName: "path"),
    completion: .file())
  var secondProgram: String?

  @OptionGroup var planted: DefectOptions

  func run() throws {
    let folders = (ResultFolder(path: first), ResultFolder(path: second))
    let (one, other) = (try folders.0.read(), try folders.1.read())
    let names = ("in \(first)", "in \(second)")
    for (label, path) in [
      ("plan", \RunResult.planDigest), ("seed", \RunResult.seedText), ("build", \RunResult.build),
    ] where one.result[keyPath: path] != other.result[keyPath: path] {
      print(
        "another \(label): \(one.result[keyPath: path]) \(names.0), "
          + "\(other.result[keyPath: path]) \(names.1)")
    }
    let differences = RunComparison(one.result, other.result, names: names).differences
    for line in differences { print(line) }
    print(MetricComparison(one.result, other.result).text, terminator: "")
    let isSamePlan = one.result.planDigest == other.result.planDigest
    let isSameRun = isSamePlan && one.result.seed == other.result.seed
    if isSameRun {
      for line in try findings(folders, one, other) { print(line) }
    }
    if differences.isEmpty, isSamePlan {
      return print("same digest, metrics and verdict: \(one.result.digest)")
    }
    let isRepeat = isSameRun && one.result.build == other.result.build
    throw ExitCode(isRepeat ? Verdict.nondeterministic.exitCode : Verdict.fail.exitCode)
  }

  private func findings(
    _ folders: (ResultFolder, ResultFolder), _ one: ResultFolder.Contents,
    _ other: ResultFolder.Contents
  ) throws -> [String] {
    guard one.history.parting(from: other.history) != nil else { return [] }
    for (contents, program, option) in [
      (one, firstProgram, "--first-program"), (other, secondProgram, "--second-program"),
    ] where program == nil && contents.result.build != BuildIdentity.name {
      Terminal.complain(
        "Note: build \(contents.result.build) is not this one, \(BuildIdentity.name), which runs its "
          + "plan in its place; name it with \(option).")
    }
    return try DifferenceNarrowing(
      first: .init(
        name: first, program: firstProgram, plan: folders.0.planPath, seed: one.result.seed,
        planted: planted, history: one.history),
      second: .init(
        name: second, program: secondProgram, plan: folders.1.planPath, seed: other.result.seed,
        planted: planted, history: other.history)
    ).findings()
  }
}

extension RunResult {
  fileprivate var seedText: String { "\(seed)" }
}
