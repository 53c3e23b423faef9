import ArgumentParser
import Foundation
import Scenarios

@main
struct Borealis: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "borealis",
    abstract: "A whole Aurora in one process, on a virtual clock.",
    discussion: """
      A scenario file describes a cluster, its load and what breaks; a seed fixes everything else. \
      Exit codes: 0 the claim holds, 1 it does not, 2 the file is not valid or the run proves \
      nothing, 3 wrong usage, 4 two runs of the same seed differ.
      """,
    version: BuildIdentity.version,
    subcommands: [Run.self, Check.self, Explain.self, Explore.self, Replay.self, Diff.self])

  /// Wrong usage is 3, whatever the parser's own number is; and what nobody foresaw must not pass for a
  /// claim that failed.
  static func main() {
    RuntimeAssumptions.prove()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      let code = exitCode(for: error)
      if code == .validationFailure {
        Terminal.complain(fullMessage(for: error))
        Foundation.exit(3)
      }
      if code == .success || error is ExitCode { exit(withError: error) }
      Terminal.complain("Error: \(error.localizedDescription)")
      Foundation.exit(Verdict.unknown.exitCode)
    }
  }
}
