import Foundation
import Scenarios
import Simulation

/// What the program takes for granted of the process and of Swift's runtime, looked at before anything depends on it.
enum RuntimeAssumptions {
  /// Names the mistake that the proof is to find, for a test of the proof.
  private static let variable = "BOREALIS_BROKEN_SUSPENSION"

  /// Proves that tasks stop and go on as the kernel takes for granted; ends the program if they do not.
  static func prove() {
    var mistake: RuntimeProof.Mistake?
    if let name = ProcessInfo.processInfo.environment[variable] {
      mistake = RuntimeProof.Mistake(rawValue: name)
      guard mistake != nil else {
        let known = RuntimeProof.Mistake.allCases.map(\.rawValue).joined(separator: " or ")
        Terminal.complain("Error: \(variable): expected \(known), found '\(name)'")
        exit(3)
      }
    }
    let code = Verdict.unknown.exitCode
    let failure = RuntimeProof.failure(
      making: mistake, explanation: message("a proof of it, made at start-up, has crashed") + "\n",
      exitCode: code)
    guard let failure else { return }
    Terminal.complain(message(failure))
    exit(code)
  }

  private static func message(_ failure: String) -> String {
    """
    Error: this program was built by Swift \(RuntimeProof.swiftRelease) and stops and resumes tasks by itself, as that \
    release does; here they do not go on as they should: \(failure). Build it with the Swift of this machine, \
    statically linked (make build), or with --traits SupportedExecutor, which leaves that to the runtime.
    """
  }

  /// How many threads this process has; `nil` where the operating system does not tell.
  static var threadCount: Int? {
    try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
  }

  /// Carries out a run, which must have the process to itself: references are counted as if there were one thread.
  static func confined<Result>(_ run: () throws -> Result) rethrows -> Result {
    expectOneThread("before the run")
    defer { expectOneThread("after the run") }
    return try run()
  }

  private static func expectOneThread(_ moment: String) {
    guard let count = threadCount else {
      return Terminal.complain(
        "Warning: \(moment): expected /proc/self/task to tell how many threads there are, found nothing"
      )
    }
    if count == 1 { return }
    Terminal.complain(
      "Error: \(moment): expected one thread in this process, found \(count); something that was loaded into it has"
        + " started the others, and what this run has measured cannot be relied on")
    exit(Verdict.unknown.exitCode)
  }
}
