import ArgumentParser
import Foundation

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
    subcommands: [Run.self, Explain.self, Replay.self])

  /// As the design says, wrong usage is 3, whatever the parser's own number is.
  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      let code = exitCode(for: error)
      if code == .validationFailure {
        Terminal.complain(fullMessage(for: error))
        Foundation.exit(3)
      }
      exit(withError: error)
    }
  }
}
