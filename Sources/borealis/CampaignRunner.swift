import Archive
import ArgumentParser
import Foundation
import Scenarios

/// Runs the seeds of a campaign in processes of their own, and keeps what they came to.
struct CampaignRunner {
  let campaign: Campaign
  let plan: Scenario
  let folder: ResultFolder
  let jobs: Int
  let seeds: ClosedRange<UInt64>
  /// Whether the run of a seed is made twice and compared.
  let isReplayed: (UInt64) -> Bool
  /// Handed on to every run.
  let arguments: [String]
  let display: CampaignDisplay

  /// Of passing runs, the reports of so many of the worst are kept.
  private static let keptReports = 3

  /// - Parameter resuming: whether what is known already is not found out again.
  /// - Throws: exit code 3, with a message, if the database cannot be used.
  func run(resuming: Bool) throws -> Campaign {
    // Before the database, which might start a thread that takes a signal away.
    let pool = JobPool(limit: jobs)
    do {
      return try run(in: pool, with: store(resuming: resuming))
    } catch let failure as CampaignStore.Failure {
      Terminal.complain("Error: \(failure)")
      throw ExitCode(3)
    }
  }

  private func store(resuming: Bool) throws -> CampaignStore {
    let path = "\(folder.path)/\(CampaignStore.fileName)"
    if !resuming { try? FileManager.default.removeItem(atPath: path) }
    return try CampaignStore(path: path, for: campaign, plan: plan)
  }

  private func run(in pool: JobPool, with store: CampaignStore) throws -> Campaign {
    var campaign = campaign
    for outcome in try store.outcomes()
    where seeds.contains(outcome.seed) && (outcome.wasReplayed || !isReplayed(outcome.seed)) {
      campaign.add(outcome)
    }
    if !campaign.outcomes.isEmpty {
      print("known         \(campaign.outcomes.count) of \(seeds.count) seeds are not run again")
    }
    let known = Set(campaign.outcomes.map(\.seed))
    var waiting = seeds.lazy.filter { !known.contains($0) }.makeIterator()
    var running: [pid_t: (seed: UInt64, start: ContinuousClock.Instant)] = [:]
    // A seed that was among the worst and no longer is does not come back, so that what stays is the same
    // whatever the order in which runs end.
    var kept = campaign.worst(Self.keptReports).map(\.seed)
    defer { display.finish() }
    while true {
      while pool.hasRoom, let seed = waiting.next() {
        running[try start(seed, in: pool).identifier] = (seed, ContinuousClock.now)
      }
      display.update(campaign)
      switch pool.next() {
      case .idle: return campaign
      case .interrupted:
        for (_, run) in running { ResultFolder(path: path(of: run.seed)).remove() }
        campaign.wasInterrupted = true
        return campaign
      case .ended(let child, let ending):
        guard let run = running.removeValue(forKey: child.identifier) else { continue }
        var outcome = outcome(of: run.seed, ending)
        outcome.realSeconds = (ContinuousClock.now - run.start) / .seconds(1)
        try store.add(outcome)
        campaign.add(outcome)
        let worst = campaign.worst(Self.keptReports).map(\.seed)
        for seed in kept + [run.seed] where !worst.contains(seed) {
          if campaign.outcome(of: seed)?.verdict == .pass {
            ResultFolder(path: path(of: seed)).remove()
          }
        }
        kept = worst
      }
    }
  }

  private func path(of seed: UInt64) -> String { "\(folder.path)/\(Self.folderName(of: seed))" }

  /// The name of the folder of a seed's report.
  static func folderName(of seed: UInt64) -> String { "seed-\(seed)" }

  private func start(_ seed: UInt64, in pool: JobPool) throws -> ChildProcess {
    let results = ResultFolder(path: path(of: seed))
    try results.prepare()
    results.removeResult()
    return try pool.start(
      ["run", campaign.scenarioFile, "--seed", "\(seed)", "--out", results.path, "--quiet"]
        + (isReplayed(seed) ? ["--check-replay"] : []) + arguments,
      output: "\(results.path)/output.txt")
  }

  /// What a run came to: its result, if it left one.
  private func outcome(of seed: UInt64, _ ending: ChildProcess.Ending) -> Campaign.Outcome {
    let path = path(of: seed)
    switch ending {
    case .signal(SIGXCPU):
      return Campaign.Outcome(
        seed: seed,
        failure: "the run used up its CPU time and left no result; see \(path)/output.txt",
        verdict: .processorLimit)
    case .signal(let signal):
      return Campaign.Outcome(
        seed: seed,
        failure:
          "the program was ended by signal \(signal) (\(String(cString: strsignal(signal)))); "
          + "its last words are in \(path)/output.txt")
    case .exit(let code):
      if let result = ResultFolder(path: path).savedResult, result.verdict.exitCode == code {
        var outcome = Campaign.Outcome(result)
        outcome.wasReplayed = isReplayed(seed)
        return outcome
      }
      return Campaign.Outcome(
        seed: seed, failure: "the run left no result, exit code \(code); see \(path)/output.txt")
    }
  }
}
