import ArgumentParser
import Foundation
import Reports
import Scenarios

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs a scenario under many seeds, each in a process of its own.",
    discussion: """
      Writes seeds.csv, with a line for each seed, and keeps the reports of those that did not pass. \
      The exit code is that of the gravest verdict.
      """)

  @Argument(help: "The scenario to check.", completion: .file(extensions: ["yaml"]))
  var scenario: String

  @Option(
    help: ArgumentHelp(
      "The seeds, such as 1..500. Without them: those that the scenario names.",
      valueName: "first..last"))
  var seeds: SeedRange?

  @Option(help: "How many runs may go on at once. Without it: as many as there are processors.")
  var jobs: Int?

  @Option(help: "Write the outcomes as JUnit XML, too.", completion: .file(extensions: ["xml"]))
  var junit: String?

  @OptionGroup var output: OutputOptions
  @OptionGroup var planted: DefectOptions

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("--jobs: expected at least 1, found \(jobs)") }
  }

  func run() throws {
    let plan = try ScenarioFile.read(scenario)
    let folder = try output.prepareFolder("\(plan.name)-check")
    let seeds = seeds?.seeds ?? plan.run.seeds
    let jobs = jobs ?? ProcessInfo.processInfo.activeProcessorCount
    print(
      "scenario \(plan.name)  seeds \(seeds.lowerBound)..\(seeds.upperBound)  "
        + "build \(BuildIdentity.name)")
    var campaign = Campaign(plan, file: scenario, build: BuildIdentity.name)
    var running: [pid_t: UInt64] = [:]
    var next: UInt64? = seeds.lowerBound
    let display = CampaignDisplay(total: seeds.count, isQuiet: output.quiet)
    while true {
      while let seed = next, running.count < jobs {
        running[try start(seed, in: folder).identifier] = seed
        next = seed < seeds.upperBound ? seed + 1 : nil
      }
      display.update(campaign)
      guard !running.isEmpty, let (identifier, ending) = ChildProcess.waitForAny() else { break }
      guard let seed = running.removeValue(forKey: identifier) else { continue }
      let outcome = outcome(of: seed, ending, in: folder)
      campaign.add(outcome)
      if outcome.verdict == .pass {
        try? FileManager.default.removeItem(atPath: path(of: seed, in: folder))
      }
    }
    display.finish()
    let report = CampaignReport(campaign)
    try Data(report.table.utf8).write(to: URL(filePath: "\(folder.path)/seeds.csv"))
    if let junit { try Data(report.junit.utf8).write(to: URL(filePath: junit)) }
    print(report.summary(), terminator: "")
    print("outcomes      \(folder.path)/seeds.csv")
    if campaign.verdict != .pass { throw ExitCode(campaign.verdict.exitCode) }
  }

  private func path(of seed: UInt64, in folder: ResultFolder) -> String {
    "\(folder.path)/seed-\(seed)"
  }

  private func start(_ seed: UInt64, in folder: ResultFolder) throws -> ChildProcess {
    let path = path(of: seed, in: folder)
    let results = ResultFolder(path: path)
    try results.prepare()
    results.removeResult()
    return try ChildProcess.start(
      ["run", scenario, "--seed", "\(seed)", "--out", path, "--quiet"]
        + planted.arguments,
      output: "\(path)/output.txt")
  }

  /// What a run came to: its result, if it left one.
  private func outcome(
    of seed: UInt64, _ ending: ChildProcess.Ending, in folder: ResultFolder
  ) -> Campaign.Outcome {
    let path = path(of: seed, in: folder)
    switch ending {
    case .signal(let signal):
      return Campaign.Outcome(
        seed: seed,
        failure:
          "the program was ended by signal \(signal) (\(String(cString: strsignal(signal)))); "
          + "its last words are in \(path)/output.txt")
    case .exit(let code):
      if let result = ResultFolder(path: path).savedResult, result.verdict.exitCode == code {
        return Campaign.Outcome(result)
      }
      return Campaign.Outcome(
        seed: seed, failure: "the run left no result, exit code \(code); see \(path)/output.txt")
    }
  }
}
