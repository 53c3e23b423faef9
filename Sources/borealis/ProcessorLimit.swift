import ArgumentParser
import Foundation
import Scenarios

/// How much CPU time one run may take: a run that hangs in a loop never comes to its horizon.
struct ProcessorLimit: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      End a run that has used so many seconds of CPU time, since it hangs. Without it: \
      \(Self.ofCampaign) for each run of a check, and no limit otherwise.
      """, valueName: "seconds"))
  var cpuLimit: Int?

  /// The limit for a campaign's runs, if nothing is said: a hundred times what a large scenario takes.
  static let ofCampaign = 600

  /// Lets the operating system send SIGXCPU to this process when it has had so much, and again each second.
  func apply() {
    guard let cpuLimit else { return }
    let resource = __rlimit_resource_t(RLIMIT_CPU.rawValue)
    var limit = rlimit()
    getrlimit(resource, &limit)
    limit.rlim_cur = min(rlim_t(cpuLimit), limit.rlim_max)
    setrlimit(resource, &limit)
  }

  /// Makes the result of a run that was stopped at its limit say so.
  func note(in result: inout RunResult) {
    result.verdict = .processorLimit
    result.reasons.insert(
      "the run used up its CPU time of \(cpuLimit ?? 0) s; give it more with --cpu-limit, or less to do",
      at: 0)
  }

  /// What hands it on to each run of a campaign.
  var arguments: [String] { ["--cpu-limit", "\(cpuLimit ?? Self.ofCampaign)"] }

  func validate() throws {
    if let cpuLimit, cpuLimit < 1 {
      throw ValidationError("--cpu-limit: expected at least 1 second, found \(cpuLimit)")
    }
  }
}
