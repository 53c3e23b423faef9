internal import Foundation

/// The search for all edits of one origin.
struct Campaign {
  private let options: SearchOptions
  private let origin: Edit.Origin
  private let root: URL
  private let work: URL

  init(_ options: SearchOptions, of origin: Edit.Origin) {
    (self.options, self.origin) = (options, origin)
    root = URL(filePath: options.root).standardizedFileURL
    work = root.appending(path: ".build/mutation")
  }

  func run() async throws {
    let defects = try DefectList.read(root: root)
    let mutants = try MutantLot(root: root, seed: options.lot)
      .draw(options.count, besides: defects)
    var tree = PlantedTree(root: root, edits: defects + mutants)
    Progress.say("\(defects.count) defects and \(mutants.count) mutants; building one program")
    let dropped = try tree.build()
    if !dropped.isEmpty {
      Progress.say("\(dropped.count) mutants do not compile: \(dropped.joined(separator: " "))")
    }
    let sound = try SoundRuns(
      program: tree.program, root: root, folder: work.appending(path: "sound"))
    try await compareWithShipped(sound)
    if options.buildOnly { return }

    let planted = tree.edits.enumerated().compactMap { index, edit in
      edit.flatMap { $0.origin == origin ? (number: index + 1, edit: $0) : nil }
    }
    if let stranger = options.only.first(where: { name in
      !planted.contains { $0.edit.name == name }
    }) {
      throw MutationError("--only: there is no \(stranger) among the \(origin.rawValue)s")
    }
    let name = origin == .defect ? "Defects" : "Mutants"
    let table = ResultTable(
      file: root.appending(path: "Tests/Mutation/\(name).csv"),
      order: planted.map(\.edit.name), explanations: try Explanations.read(root: root))
    let trials = try ShippedScenarios.trials(
      root: root, swarmSeeds: options.swarmSeeds, otherSeeds: options.otherSeeds)
    var wanted: [(number: Int, edit: Edit)] = []
    for (number, edit) in planted where options.only.isEmpty || options.only.contains(edit.name) {
      if await !table.has(edit.name) || options.again {
        wanted.append((number, edit))
      } else if options.survivorsAgain, await table.outcome(of: edit.name) != .found {
        wanted.append((number, edit))
      }
    }
    try await search(for: wanted, trials, sound, tree.program, table)
    try await table.write()
    Progress.say(await table.summary)
  }

  /// Without an edit in force, the program must do what the shipped one does.
  private func compareWithShipped(_ sound: SoundRuns) async throws {
    let shipped = root.appending(path: ".build/release/borealis")
    guard FileManager.default.fileExists(atPath: shipped.path) else {
      throw MutationError("\(shipped.path): expected the shipped program; 'make build' builds it")
    }
    for seed in 1...3 {
      let trial = Trial(scenario: ShippedScenarios.swarm, seed: seed)
      let own = try await sound.run(trial)
      let other = try CheckRun.check(
        trial, with: shipped, edit: 0, root: root, in: work.appending(path: "shipped"))
      guard own.digest == other.digest, !own.digest.isEmpty else {
        throw MutationError(
          "\(trial.scenario), seed \(seed): with no edit in force the digest is '\(own.digest)', of "
            + "\(shipped.path) it is '\(other.digest)'; is that built from these sources?")
      }
    }
    Progress.say("with no edit in force, three seeds have the digests of the shipped program")
  }

  private func search(
    for wanted: [(number: Int, edit: Edit)], _ trials: [Trial], _ sound: SoundRuns,
    _ program: URL, _ table: ResultTable
  ) async throws {
    let queue = WorkQueue(count: wanted.count)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in 0..<min(options.jobs, max(1, wanted.count)) {
        let search = Search(
          trials: trials, sound: sound, program: program, root: root,
          folder: work.appending(path: "search-\(worker)"))
        group.addTask {
          while let index = await queue.next() {
            let row = try await search.search(for: wanted[index].edit, number: wanted[index].number)
            try await table.add(row)
            Progress.say(
              "\(index + 1)/\(wanted.count) \(row.edit.name): \(row.outcome.rawValue)"
                + (row.trial.map { ", \($0.scenario) seed \($0.seed): \(row.showed)" } ?? ""))
          }
        }
      }
      try await group.waitForAll()
    }
  }
}

/// Whose turn it is.
private actor WorkQueue {
  private let count: Int
  private var taken = 0

  init(count: Int) { self.count = count }

  func next() -> Int? {
    guard taken < count else { return nil }
    defer { taken += 1 }
    return taken
  }
}

/// The search for one edit after another.
private struct Search {
  let trials: [Trial]
  let sound: SoundRuns
  let program: URL
  let root: URL
  let folder: URL

  func search(for edit: Edit, number: Int) async throws -> ResultTable.Row {
    var (seeds, reaching, time) = (0, 0, 0.0)
    for trial in trials {
      let expected = try await sound.run(trial)
      seeds += 1
      guard expected.reached.contains(number) else {
        time += expected.processorTime
        continue
      }
      reaching += 1
      let run = try CheckRun.check(trial, with: program, edit: number, root: root, in: folder)
      time += run.processorTime
      // A run that does not pass without the edit either says nothing about it.
      if !run.passed, expected.passed {
        return ResultTable.Row(
          edit: edit, outcome: .found, trial: trial, showed: run.reason, seeds: seeds,
          reaching: reaching, processorTime: time)
      }
    }
    return ResultTable.Row(
      edit: edit, outcome: reaching > 0 ? .survived : .neverReached, seeds: seeds,
      reaching: reaching, processorTime: time)
  }
}

/// Why an edit that survives does so: a person's word, by the edit's name.
enum Explanations {
  static func read(root: URL) throws -> [String: String] {
    let file = root.appending(path: "Tests/Mutation/Explanations.csv")
    let text = try String(contentsOf: file, encoding: .utf8)
    return Dictionary(
      CSV.rows(text).map { ($0["edit"] ?? "", $0["explanation"] ?? "") }, uniquingKeysWith: { $1 })
  }
}
