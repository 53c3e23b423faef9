internal import Foundation

/// One seed of one scenario, checked by a program as a user would.
struct CheckRun: Sendable {
  let passed: Bool
  /// What the check said of it.
  let reason: String
  let digest: String
  /// In seconds.
  let processorTime: Double
  /// The edits whose places were reached, by number.
  let reached: Set<Int>

  /// A run that has not ended after so many seconds of processor time hangs; a sound one takes a fiftieth of it.
  private static let processorLimit = 60

  /// - Parameter edit: the one that is in force; none if 0.
  static func check(
    _ trial: Trial, with program: URL, edit: Int, root: URL, in folder: URL
  ) throws -> CheckRun {
    try? FileManager.default.removeItem(at: folder)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let note = folder.appending(path: "reached")
    let child = try Child.run(
      program.path,
      [
        "check", root.appending(path: trial.scenario).path, "--seeds",
        "\(trial.seed)..\(trial.seed)", "--jobs", "1", "--quiet", "--cpu-limit",
        "\(processorLimit)", "--out", folder.appending(path: "out").path,
      ],
      environment: [
        RuntimeSwitch.variable: "\(edit)", RuntimeSwitch.noteVariable: note.path,
      ], output: folder.appending(path: "output").path)
    let reached = (try? String(contentsOf: note, encoding: .utf8)) ?? ""
    let table = try? String(
      contentsOf: folder.appending(path: "out/seeds.csv"), encoding: .utf8)
    let row = table.map(CSV.rows)?.first
    guard let code = child.code, code != 3, let row else {
      let said = (try? String(contentsOf: folder.appending(path: "output"), encoding: .utf8)) ?? ""
      throw MutationError(
        "\(trial.scenario), seed \(trial.seed): the check left no outcome:\n\(said.suffix(2000))")
    }
    let reasons = (row["reasons"] ?? "").replacing(folder.path + "/", with: "")
    return CheckRun(
      passed: code == 0,
      reason: "\(row["verdict"] ?? "") (\(code)): \(reasons.prefix(220))",
      digest: row["digest"] ?? "", processorTime: child.processorTime,
      reached: Set(reached.split(separator: "\n").compactMap { Int($0) }))
  }
}
