import ArgumentParser
import Foundation
import Reports
import Scenarios
import Simulation
import Statistics

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs a scenario under one seed and writes a report.",
    discussion: """
      The same scenario, seed and build write the same bytes, always; --check-replay looks whether they \
      do, in a fresh process.
      """)

  @Argument(help: "The scenario to run.", completion: .file(extensions: ["yaml"]))
  var scenario: String

  @Option(
    parsing: .unconditional,
    help: "The seed that fixes the run. Without one: the first that the scenario names.",
    transform: SeedRange.seed)
  var seed: UInt64?

  @Flag(
    help: """
      Run again in a fresh process and compare digest, metrics and verdict. Exit code 4 if they differ; \
      the first event that does is named.
      """)
  var checkReplay = false

  @Option(help: "Write a timeline beside the report: perfetto, which ui.perfetto.dev opens.")
  var trace: TraceFormat?

  @Option(
    help: ArgumentHelp(
      """
      What part of the scenario the timeline shows, such as 55s..75s. Without it: the time around the \
      first fault, or all if nothing breaks; up to \(TraceFormat.limit) activities.
      """, valueName: "from..to"), transform: ScenarioWindow.init(parsing:))
  var traceWindow: ScenarioWindow?

  @Option(
    help: ArgumentHelp(
      """
      Stop at this instant of the scenario, such as 72.5s, and print the state of hosts, volume, \
      instances and sessions there. No report is written.
      """, valueName: "instant"), transform: ScenarioInstant.init(parsing:))
  var until: ScenarioInstant?

  @Flag(
    help: """
      If the run is interrupted, write a report of what there is, into a folder beside that of the whole \
      report. Without it: ask, if somebody is there to be asked.
      """)
  var keepPartial = false

  @OptionGroup var paranoia: ParanoiaOption
  @OptionGroup var processorLimit: ProcessorLimit
  @OptionGroup var output: OutputOptions
  @OptionGroup var planted: DefectOptions

  /// Writes every event of this window to recording.txt instead of a report: how two processes are
  /// compared event by event.
  @Option(help: .hidden)
  var recordWindow: RecordedWindow?

  func run() throws {
    processorLimit.apply()
    paranoia.apply()
    let scenario = try ScenarioFile.read(scenario)
    let seed = seed ?? scenario.run.seeds.lowerBound
    let plan = scenario.unfolded(seed: seed)
    planted.startForeignThread()
    if let until { return try show(plan, seed: seed, at: until) }
    RunWarning.tell(of: plan, file: self.scenario)
    let folder = try output.prepareFolder(plan.name)
    announce(plan, seed)
    let progress = ProgressDisplay(isQuiet: output.quiet)
    let run = ScenarioRun(
      scenario, file: self.scenario, seed: seed, build: BuildIdentity.name, defects: planted.defects
    )
    if let recordWindow {
      let recording = RuntimeAssumptions.confined {
        run.record(recordWindow.window) { progress.update($0) }
      }
      progress.finish()
      return try Data(recording.text.utf8).write(
        to: URL(filePath: "\(folder.path)/\(RecordedWindow.fileName)"))
    }
    if trace != nil { run.recordActivities(in: traceWindow?.window, limit: TraceFormat.limit) }
    Interruption.watch()
    var result = RuntimeAssumptions.confined {
      run.execute {
        progress.update($0)
        if Interruption.signal != nil { run.breakOff() }
      }
    }
    progress.finish()
    if run.wasStopped, let signal = Interruption.signal {
      if signal != SIGXCPU { try leave(run, result, plan, folder, obeying: signal) }
      processorLimit.note(in: &result)
    }
    let timeline = timeline(of: run, result)
    try folder.write(result, plan: plan, history: run.history, trace: timeline)
    if checkReplay, !run.wasStopped {
      let replica = Replica(of: folder, seed: seed, planted: planted)
      let findings = try replica.compare(with: result, run.history)
      if let signal = Interruption.signal {
        Terminal.complain("Interrupted while it ran again; the report in \(folder.path) is whole.")
        Interruption.obey(signal)
      }
      if !findings.isEmpty {
        result.verdict = .nondeterministic
        result.reasons = findings
        try folder.write(
          result, plan: plan, history: run.history, trace: timeline, keepsReplay: true)
      }
    }
    print(TerminalSummary(result, report: folder.pagePath).text, terminator: "")
    if let activities = run.activities, let origin = run.history.origin {
      let window = activities.window
      let from = FixedPoint.seconds(nanoseconds: (window.lowerBound - origin).nanoseconds)
      let to = FixedPoint.seconds(nanoseconds: (window.upperBound - origin).nanoseconds)
      print("trace         \(folder.path)/\(ChromeTrace.fileName), from \(from) s to \(to) s")
      if let end = activities.firstOmitted {
        let shown = FixedPoint.seconds(nanoseconds: (end - origin).nanoseconds, decimals: 1)
        print("              it is full at \(shown) s; name another part with --trace-window")
      }
    }
    if checkReplay, !run.wasStopped, result.verdict != .nondeterministic {
      print("replay        a fresh process did the same: digest, metrics and verdict")
    }
    if result.verdict != .pass { throw ExitCode(result.verdict.exitCode) }
  }

  func validate() throws {
    if traceWindow != nil, trace == nil {
      throw ValidationError("--trace-window: expected --trace perfetto with it")
    }
    if until != nil, checkReplay {
      throw ValidationError("--until and --check-replay: expected one of them; a replay is whole")
    }
  }

  /// Says what is about to run, at once, so that even a crash can be replayed.
  private func announce(_ plan: Scenario, _ seed: UInt64) {
    print("scenario \(plan.name)  seed \(seed)  build \(BuildIdentity.name)")
    fflush(nil)
  }

  /// The timeline, if one was asked for.
  private func timeline(of run: ScenarioRun, _ result: RunResult) -> String? {
    run.activities.map {
      ChromeTrace(of: $0, result: result, history: run.history, hosts: run.hostNames).text
    }
  }

  /// Ends an interrupted run. The folder is as it was before; a report of what there is goes beside it, if
  /// the user wants one.
  private func leave(
    _ run: ScenarioRun, _ result: RunResult, _ plan: Scenario, _ folder: ResultFolder,
    obeying signal: Int32
  ) throws -> Never {
    folder.removeIfEmpty()
    let partial = ResultFolder(path: "\(folder.path).interrupted")
    Terminal.complain(
      "Interrupted at \(FixedPoint.seconds(nanoseconds: result.simulatedTime.nanoseconds)) s of "
        + "\(plan.run.horizon); nothing in \(folder.path) was changed.")
    var isWanted = keepPartial
    if !isWanted, Terminal.isPrompting {
      let question = "Write a report of what there is to \(partial.path)? [y/N] "
      isWanted = Terminal.readLine(prompt: question)?.lowercased().hasPrefix("y") ?? false
    }
    if isWanted {
      try partial.prepare()
      try partial.write(
        result, plan: plan, history: run.history, trace: timeline(of: run, result))
      print(TerminalSummary(result, report: partial.pagePath).text, terminator: "")
    } else if !Terminal.isPrompting, !output.quiet {
      Terminal.complain("With --keep-partial, a report of what there is goes to \(partial.path).")
    }
    Interruption.obey(signal)
  }

  /// Runs up to an instant and prints what is there.
  private func show(_ plan: Scenario, seed: UInt64, at instant: ScenarioInstant) throws {
    guard instant.sinceStart <= plan.run.horizon else {
      Terminal.complain(
        "Error: --until: expected an instant up to the horizon of \(plan.run.horizon), found "
          + "\(instant.sinceStart)")
      throw ExitCode(3)
    }
    announce(plan, seed)
    let progress = ProgressDisplay(isQuiet: output.quiet)
    let run = ScenarioRun(
      plan, file: scenario, seed: seed, build: BuildIdentity.name, defects: planted.defects)
    let state = RuntimeAssumptions.confined {
      run.state(at: instant.sinceStart) { progress.update($0) }
    }
    progress.finish()
    guard let state else {
      Terminal.complain("Error: \(scenario): the cluster did not open, so there is no such instant")
      throw ExitCode(Verdict.unknown.exitCode)
    }
    print(RunStateText(state).text, terminator: "")
  }
}

/// An instant of a scenario on the command line, written as a scenario writes it.
struct ScenarioInstant {
  let sinceStart: Interval

  /// For an option's `transform`.
  ///
  /// - Throws: what was expected.
  init(parsing argument: String) throws {
    guard let interval = Interval(scenarioText: argument) else {
      throw ValidationError("expected a duration with its unit, such as 72.5s")
    }
    sinceStart = interval
  }
}

/// The form of a timeline.
enum TraceFormat: String, ExpressibleByArgument, CaseIterable {
  case perfetto

  /// More than so many activities are a file that no browser opens with ease.
  static let limit = 400_000
}

/// A part of a scenario on the command line: `55s..75s`.
struct ScenarioWindow {
  let window: ClosedRange<Interval>

  /// For an option's `transform`.
  ///
  /// - Throws: what was expected.
  init(parsing argument: String) throws {
    guard let dots = argument.firstRange(of: ".."),
      let start = Interval(scenarioText: String(argument[..<dots.lowerBound])),
      let end = Interval(scenarioText: String(argument[dots.upperBound...])), start <= end
    else { throw ValidationError("expected two instants with their units, such as 55s..75s") }
    window = start...end
  }
}

/// A window of a run on the command line: two counts of nanoseconds from the very beginning.
struct RecordedWindow: ExpressibleByArgument {
  static let fileName = "recording.txt"
  let window: ClosedRange<Instant>

  init(_ window: ClosedRange<Instant>) { self.window = window }

  init?(argument: String) {
    let ends = argument.split(separator: "-").map { Int64($0) }
    guard ends.count == 2, let start = ends[0], let end = ends[1], start <= end else { return nil }
    window = Instant(nanoseconds: start)...Instant(nanoseconds: end)
  }

  var argument: String { "\(window.lowerBound.nanoseconds)-\(window.upperBound.nanoseconds)" }
}
