import Archive
import ArgumentParser
import Foundation
import Reports
import Scenarios

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs a scenario under many seeds, each in a process of its own.",
    discussion: """
      What each seed comes to is kept in campaign.sqlite as soon as it is known; an interrupted check goes \
      on with --resume. From it are made seeds.csv, objectives.csv and probes.csv. The reports of those \
      that did not pass are kept. The exit code is that of the gravest verdict.
      """)

  @Argument(help: "The scenario to check.", completion: .file(extensions: ["yaml"]))
  var scenario: String

  @Option(
    help: ArgumentHelp(
      "The seeds, such as 1..500. Without them: those that the scenario names.",
      valueName: "first..last"))
  var seeds: SeedRange?

  @OptionGroup var jobs: JobOptions

  @Flag(help: "Leave out the seeds that this build has run of this scenario already.")
  var resume = false

  @Flag(
    help: """
      Run every seed twice, in two processes, and compare. Without it: the share of the seeds that the \
      scenario names under check_replay.
      """)
  var checkReplay = false

  @Option(
    defaultAsFlag: "",
    help: ArgumentHelp(
      """
      Reduce the first failing run to the smallest scenario that fails in the same way, and write that \
      into the output folder. With a condition on a metric, such as 'failover.client_seen > 20s': a run in \
      which that is true counts as failing.
      """, valueName: "condition"))
  var shrink: String?

  @Option(help: "Write the outcomes as JUnit XML, too.", completion: .file(extensions: ["xml"]))
  var junit: String?

  @OptionGroup var processorLimit: ProcessorLimit
  @OptionGroup var output: OutputOptions
  @OptionGroup var planted: DefectOptions

  /// What every run is told.
  private var runArguments: [String] { processorLimit.arguments + planted.arguments }

  func run() throws {
    let (plan, wanted) = try subject()
    let folder = try output.prepareFolder("\(plan.name)-check")
    var file = scenario
    if wanted != nil {
      file = "\(folder.path)/\(plan.name).yaml"
      try Data(plan.yaml.utf8).write(to: URL(filePath: file))
    }
    let seeds = seeds?.seeds ?? plan.run.seeds
    print(
      "scenario \(plan.name)  seeds \(seeds.lowerBound)..\(seeds.upperBound)  "
        + "build \(BuildIdentity.name)")
    let campaign = Campaign(plan, file: file, build: BuildIdentity.name)
    let runner = CampaignRunner(
      campaign: campaign, plan: plan, folder: folder, jobs: jobs.count, seeds: seeds,
      isReplayed: { checkReplay || plan.run.isReplayed($0) }, arguments: runArguments,
      display: CampaignDisplay(total: seeds.count, isQuiet: output.quiet))
    let ending = try runner.run(resuming: resume)
    let finished = ending.campaign
    let report = CampaignReport(finished)
    var tables = [("seeds.csv", report.table)]
    if finished.outcomes.contains(where: { !$0.objectives.isEmpty }) {
      tables.append(("objectives.csv", report.objectives))
    }
    if !finished.probes.isEmpty { tables.append(("probes.csv", report.probes)) }
    for (name, text) in tables {
      try Data(text.utf8).write(to: URL(filePath: "\(folder.path)/\(name)"))
    }
    if let junit { try Data(report.junit.utf8).write(to: URL(filePath: junit)) }
    print(report.summary(), terminator: "")
    print("outcomes      \(folder.path)/seeds.csv")
    if ending.wasInterrupted {
      print(
        "interrupted   \(seeds.count - finished.outcomes.count) seeds are left; go on with --resume"
      )
      throw ExitCode(Verdict.unknown.exitCode)
    }
    if shrink != nil, let failing = finished.failures.first(where: { $0.verdict == .fail }) {
      try reduce(failing, wanted, plan, file, in: folder)
    }
    if finished.verdict != .pass { throw ExitCode(finished.verdict.exitCode) }
  }
}

extension Check {
  /// What is checked: the scenario, or the scenario and a condition that counts as its failure.
  private func subject() throws -> (plan: Scenario, failure: RunFailure?) {
    let plan = try ScenarioFile.read(scenario)
    guard let shrink, !shrink.isEmpty else { return (plan, nil) }
    do {
      let (scenario, failure) = try plan.failing(when: shrink)
      return (scenario, failure)
    } catch {
      Terminal.complain("Error: \(error)")
      throw ExitCode(3)
    }
  }

  private func reduce(
    _ failing: Campaign.Outcome, _ wanted: RunFailure?, _ plan: Scenario, _ file: String,
    in folder: ResultFolder
  ) throws {
    let result = ResultFolder(path: "\(folder.path)/seed-\(failing.seed)").savedResult
    // A run that left nothing has crashed.
    let failure = result == nil ? .crash : wanted ?? result?.waysOfFailing.first
    guard let failure, result?.waysOfFailing.contains(failure) ?? true else { return }
    let runner = ShrinkRunner(
      original: scenario, plan: plan.unfolded(seed: failing.seed), seed: failing.seed,
      failure: failure, result: result,
      folder: folder, jobs: jobs.count, arguments: runArguments, isQuiet: output.quiet)
    print("shrunk        \(try runner.run())")
  }
}

/// How many processes a command may start.
struct JobOptions: ParsableArguments {
  @Option(help: "How many runs may go on at once. Without it: as many as there are processors.")
  var jobs: Int?

  var count: Int { jobs ?? ProcessInfo.processInfo.activeProcessorCount }

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("--jobs: expected at least 1, found \(jobs)") }
  }
}
