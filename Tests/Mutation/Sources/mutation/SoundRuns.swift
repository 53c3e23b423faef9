internal import Foundation

/// What the runs come to in which no edit is in force: how each ends, and which edits' places it reaches.
///
/// A run is the same each time, so an edit whose place a run does not reach changes nothing of it: that run need not be
/// made again with the edit in force. They are kept for as long as the program and the scenario's text stay the same.
actor SoundRuns {
  private let program: URL
  private let root: URL
  private let folder: URL
  private let build: String
  private var known: [Trial: CheckRun] = [:]
  private var texts: [String: String] = [:]
  private let store: URL

  init(program: URL, root: URL, folder: URL) throws {
    (self.program, self.root, self.folder) = (program, root, folder)
    build = try Fingerprint.of(program)
    store = root.appending(path: ".build/mutation/sound.csv")
    for row in CSV.rows((try? String(contentsOf: store, encoding: .utf8)) ?? "")
    where row["build"] == build {
      guard let scenario = row["scenario"], let seed = row["seed"].flatMap({ Int($0) }),
        let text = try? Fingerprint.of(root.appending(path: scenario)), row["text"] == text
      else { continue }
      known[Trial(scenario: scenario, seed: seed)] = CheckRun(
        passed: row["passed"] == "true", reason: row["reason"] ?? "", digest: row["digest"] ?? "",
        processorTime: row["cpu"].flatMap { Double($0) } ?? 0,
        reached: Set((row["reached"] ?? "").split(separator: " ").compactMap { Int($0) }))
    }
  }

  func run(_ trial: Trial) throws -> CheckRun {
    if let run = known[trial] { return run }
    let run = try CheckRun.check(trial, with: program, edit: 0, root: root, in: folder)
    known[trial] = run
    try keep(run, of: trial)
    return run
  }

  private func keep(_ run: CheckRun, of trial: Trial) throws {
    let text = try texts[trial.scenario] ?? Fingerprint.of(root.appending(path: trial.scenario))
    texts[trial.scenario] = text
    if !FileManager.default.fileExists(atPath: store.path) {
      let names = [
        "build", "text", "scenario", "seed", "passed", "reason", "digest", "cpu", "reached",
      ]
      try Data(CSV.line(names).utf8).write(to: store)
    }
    let file = try FileHandle(forWritingTo: store)
    try file.seekToEnd()
    let fields = [
      build, text, trial.scenario, "\(trial.seed)", "\(run.passed)", run.reason, run.digest,
      String(format: "%.3f", run.processorTime),
      run.reached.sorted().map { "\($0)" }.joined(separator: " "),
    ]
    try file.write(contentsOf: Data(CSV.line(fields).utf8))
    try file.close()
  }
}

/// Sixteen hexadecimal digits over bytes (FNV-1a): the same bytes, the same digits.
enum Fingerprint {
  static func of(_ file: URL) throws -> String {
    of(try Data(contentsOf: file, options: .alwaysMapped))
  }

  static func of(_ bytes: some Sequence<UInt8>) -> String {
    let digits = String(number(bytes), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  static func number(_ bytes: some Sequence<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return hash
  }
}
