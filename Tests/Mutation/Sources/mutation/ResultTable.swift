internal import Foundation

/// What the search has come to, one row for each edit; written anew whenever a row is added.
actor ResultTable {
  struct Row: Sendable {
    enum Outcome: String, Sendable {
      case found
      case survived
      /// No run that was tried comes to the edited place.
      case neverReached = "never reached"
    }

    let edit: Edit
    let outcome: Outcome
    /// That found it.
    var trial: Trial?
    /// How it showed.
    var showed = ""
    /// Seeds that were tried, the last one included.
    let seeds: Int
    /// Those of them that reach the edited place.
    let reaching: Int
    /// Of the seeds that were tried, in seconds.
    let processorTime: Double
  }

  private static let names = [
    "edit", "kind", "file", "change", "guess", "outcome", "scenario", "seed", "how it showed",
    "seeds", "seeds reaching it", "CPU seconds", "explanation",
  ]

  private let file: URL
  private let order: [String]
  private let explanations: [String: String]
  private var fields: [String: [String]] = [:]

  /// Takes over what the file holds of the edits that there still are.
  ///
  /// - Parameter order: the names of all edits, in the order of the table.
  init(file: URL, order: [String], explanations: [String: String]) {
    (self.file, self.order, self.explanations) = (file, order, explanations)
    let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    for row in CSV.rows(text) {
      guard let name = row["edit"], order.contains(name) else { continue }
      fields[name] = Self.names.map { row[$0] ?? "" }
    }
  }

  func has(_ name: String) -> Bool { fields[name] != nil }

  func outcome(of name: String) -> Row.Outcome? {
    fields[name].flatMap { Row.Outcome(rawValue: $0[5]) }
  }

  func add(_ row: Row) throws {
    let edit = row.edit
    fields[edit.name] = [
      edit.name, edit.kind, edit.file.replacing("Sources/", with: ""), edit.change, edit.guess,
      row.outcome.rawValue,
      row.trial.map { $0.scenario.replacing("Scenarios/", with: "") } ?? "",
      row.trial.map { "\($0.seed)" } ?? "", row.showed, "\(row.seeds)", "\(row.reaching)",
      String(format: "%.1f", row.processorTime), "",
    ]
    try write()
  }

  func write() throws {
    var text = CSV.line(Self.names)
    for name in order {
      guard var line = fields[name] else { continue }
      line[line.count - 1] = explanations[name] ?? ""
      text += CSV.line(line)
    }
    try Data(text.utf8).write(to: file, options: .atomic)
  }

  /// How many rows have each outcome.
  var summary: String {
    let outcomes = order.compactMap { fields[$0]?[5] }
    return [Row.Outcome.found, .survived, .neverReached].map { outcome in
      "\(outcome.rawValue) \(outcomes.count { $0 == outcome.rawValue })"
    }.joined(separator: ", ") + " of \(outcomes.count)"
  }
}
