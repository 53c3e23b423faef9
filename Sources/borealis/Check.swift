import ArgumentParser
import Foundation
import Reports
import Scenarios

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs scenarios under many seeds, each in a process of its own.",
    discussion: """
      What each seed comes to is kept in campaign.sqlite as soon as it is known; an interrupted check goes \
      on with --resume. From it are made report.html, seeds.csv, objectives.csv and probes.csv. The reports \
      of runs that did not pass are kept, and of the worst of those that did. Of several scenarios each has a \
      folder of its own. The exit code is that of the gravest verdict: 4 before 1 before 2.
      """)

  @Argument(
    help: "The scenarios to check: files, or folders with scenario files.",
    completion: .file(extensions: ["yaml"]))
  var scenarios: [String]

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The seeds, such as 1..500. Without them: those that the scenario names.",
      valueName: "first..last"),
    transform: SeedRange.init(parsing:))
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

  @OptionGroup var paranoia: ParanoiaOption
  @OptionGroup var processorLimit: ProcessorLimit
  @OptionGroup var output: OutputOptions
  @OptionGroup var planted: DefectOptions

  /// What every run is told.
  private var runArguments: [String] {
    paranoia.arguments + processorLimit.arguments + planted.arguments
  }

  /// What is checked: a scenario, or a scenario and a condition that counts as its failure.
  private struct Subject {
    /// As the user named it.
    let original: String
    /// What is run.
    var file: String
    let plan: Scenario
    let failure: RunFailure?
  }

  /// A campaign and the folder that it wrote to.
  private struct Checked {
    let subject: Subject
    var campaign: Campaign
    let folder: ResultFolder
  }

  func run() throws {
    let subjects = try subjects()
    for subject in subjects {
      RunWarning.tell(
        of: subject.plan, file: subject.file,
        runs: seeds?.seeds.count ?? subject.plan.run.count, jobs: jobs.count)
    }
    let isSingle = subjects.count == 1
    let folder = try output.prepareFolder(isSingle ? "\(subjects[0].plan.name)-check" : "check")
    var checked: [Checked] = []
    for (subject, name) in zip(subjects, Self.folderNames(of: subjects)) {
      let own = isSingle ? folder : ResultFolder(path: "\(folder.path)/\(name)")
      try own.prepare()
      var subject = subject
      if checked.last?.campaign.wasInterrupted == true {
        // Nothing of it has begun, and all of it is left.
        var campaign = campaign(of: subject)
        campaign.wasInterrupted = true
        checked.append(Checked(subject: subject, campaign: campaign, folder: own))
        continue
      }
      if subject.failure != nil {
        let file = "\(own.path)/\(subject.plan.name).yaml"
        try write(subject.plan.yaml, to: file)
        subject.file = file
      }
      checked.append(try check(subject, in: own))
    }
    try conclude(checked, in: folder)
  }

  // MARK: What to check

  private func subjects() throws -> [Subject] {
    try ScenarioFile.read(scenarios).map { found in
      guard let shrink, !shrink.isEmpty else {
        return Subject(original: found.file, file: found.file, plan: found.scenario, failure: nil)
      }
      do {
        let (scenario, failure) = try found.scenario.failing(when: shrink)
        return Subject(original: found.file, file: found.file, plan: scenario, failure: failure)
      } catch {
        Terminal.complain("Error: \(error)")
        throw ExitCode(3)
      }
    }
  }

  /// A name for each, which none of the others has.
  private static func folderNames(of subjects: [Subject]) -> [String] {
    var names: [String] = []
    for subject in subjects {
      let name = subject.plan.name
      var unique = name
      var count = 1
      while names.contains(unique) {
        count += 1
        unique = "\(name)-\(count)"
      }
      names.append(unique)
    }
    return names
  }

  private func campaign(of subject: Subject) -> Campaign {
    Campaign(
      subject.plan, file: subject.file, build: BuildIdentity.name,
      seeds: seeds?.seeds ?? subject.plan.run.seeds)
  }

  // MARK: Checking

  private func check(_ subject: Subject, in folder: ResultFolder) throws -> Checked {
    let plan = subject.plan
    let seeds = seeds?.seeds ?? plan.run.seeds
    print(
      "scenario \(plan.name)  seeds \(seeds.lowerBound)..\(seeds.upperBound)  "
        + "build \(BuildIdentity.name)")
    let runner = CampaignRunner(
      campaign: campaign(of: subject), plan: plan, folder: folder, jobs: jobs.count, seeds: seeds,
      isReplayed: { checkReplay || plan.run.isReplayed($0) }, arguments: runArguments,
      display: CampaignDisplay(total: seeds.count, isQuiet: output.quiet))
    let finished = try runner.run(resuming: resume)
    let checked = Checked(subject: subject, campaign: finished, folder: folder)
    let report = CampaignReport(finished)
    for (name, text) in report.files(reports: Self.reports(in: folder)) {
      try write(text, to: "\(folder.path)/\(name)")
    }
    print(report.summary(), terminator: "")
    print("report        \(folder.path)/\(CampaignReport.pageName)")
    print("outcomes      \(folder.path)/seeds.csv")
    if finished.wasInterrupted {
      print("interrupted   \(finished.skipped.count) seeds are left; go on with --resume")
    } else if shrink != nil, let failing = finished.failures.first(where: { $0.verdict == .fail }) {
      try reduce(failing, of: checked)
    }
    return checked
  }

  /// The page of a seed's run, relative to the campaign's folder, if it is there.
  private static func reports(in folder: ResultFolder) -> (UInt64) -> String? {
    { seed in
      let page = "\(CampaignRunner.folderName(of: seed))/\(ReportWriter.pageName)"
      return FileManager.default.fileExists(atPath: "\(folder.path)/\(page)") ? page : nil
    }
  }

  private func reduce(_ failing: Campaign.Outcome, of checked: Checked) throws {
    let (folder, subject) = (checked.folder, checked.subject)
    let seedFolder = "\(folder.path)/\(CampaignRunner.folderName(of: failing.seed))"
    let result = ResultFolder(path: seedFolder).savedResult
    // A run that left nothing has crashed.
    let failure = subject.failure.map { result?.way(like: $0) } ?? result?.waysOfFailing.first
    guard result == nil || failure != nil else { return }
    let runner = ShrinkRunner(
      original: subject.original, plan: subject.plan.unfolded(seed: failing.seed),
      seed: failing.seed,
      failure: failure, result: result,
      folder: folder, jobs: jobs.count, arguments: runArguments, isQuiet: output.quiet)
    print("shrunk        \(try runner.run())")
  }

  // MARK: The end

  private func conclude(_ checked: [Checked], in folder: ResultFolder) throws {
    if let junit {
      let suites = checked.map { checked in
        let reports = Self.reports(in: checked.folder)
        return JUnitReport.Suite(checked.campaign) { seed in
          reports(seed).map { "\(checked.folder.path)/\($0)" }
        }
      }
      try write(JUnitReport(suites).text, to: junit)
    }
    if checked.count > 1 {
      let overview = CampaignOverview(
        checked.map { checked in
          let name = URL(filePath: checked.folder.path).lastPathComponent
          return (checked.campaign, "\(name)/\(CampaignReport.pageName)")
        })
      try write(overview.markup, to: "\(folder.path)/\(CampaignReport.pageName)")
      print(overview.summary, terminator: "")
      print("report        \(folder.path)/\(CampaignReport.pageName)")
    }
    let campaigns = checked.map(\.campaign)
    if campaigns.contains(where: \.wasInterrupted) {
      throw ExitCode(Verdict.unknown.exitCode)
    }
    let verdict = Verdict.byGravity.first { verdict in
      campaigns.contains { $0.verdict == verdict }
    }
    if let verdict, verdict != .pass { throw ExitCode(verdict.exitCode) }
  }

  /// Writes a file in the place of an older one, which stays whole until then.
  private func write(_ text: String, to path: String) throws {
    do {
      try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
    } catch {
      Terminal.complain("Error: \(path): expected a file that can be written")
      throw ExitCode(3)
    }
  }
}

/// How many processes a command may start.
struct JobOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "How many runs may go on at once. Without it: as many as there are processors.")
  var jobs: Int?

  static let most = 1024

  var count: Int { jobs ?? ProcessInfo.processInfo.activeProcessorCount }

  func validate() throws {
    if let jobs, !(1...Self.most).contains(jobs) {
      throw ValidationError("--jobs: expected a number from 1 to \(Self.most), found \(jobs)")
    }
  }
}
