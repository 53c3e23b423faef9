import Simulation
import Statistics

/// Collects anomalies, a few of each kind with their witness and the number of the rest.
struct AnomalyList {
  /// How many of one kind are told in full.
  static let limit = 4

  private let wording: WitnessWording
  private let history: ListAppendHistory
  private var listed: [[Anomaly]] = Array(repeating: [], count: Anomaly.Kind.allCases.count)
  private var counts = [Int](repeating: 0, count: Anomaly.Kind.allCases.count)

  init(history: ListAppendHistory) {
    self.history = history
    wording = WitnessWording(history: history)
  }

  /// Adds an anomaly.
  ///
  /// - Parameter transactions: those that show it, in the order in which the proof names them.
  /// - Parameter proof: its sentences; not asked for once enough of the kind are listed.
  mutating func add(
    _ kind: Anomaly.Kind, transactions: [Int], proof: (WitnessWording) -> [String]
  ) {
    guard let place = Anomaly.Kind.allCases.firstIndex(of: kind) else { return }
    counts[place] += 1
    if counts[place] > Self.limit { return }
    var members: [Int] = []
    for transaction in transactions where !members.contains(transaction) {
      members.append(transaction)
    }
    members.sort()
    let lines =
      ["\(kind.rawValue) (\(kind.explanation))"]
      + members.map { "  \(wording.transaction($0))" } + proof(wording).map { "  \($0)" }
    let instant = members.map { history.end(of: $0) }.max() ?? .start
    listed[place].append(
      Anomaly(
        kind: kind, instant: instant, transactions: members,
        witness: lines.joined(separator: "\n")))
  }

  /// The most basic kinds first; within a kind as they were found.
  func sorted() -> [Anomaly] {
    var anomalies: [Anomaly] = []
    for (place, ofKind) in listed.enumerated() {
      var ofKind = ofKind
      if counts[place] > Self.limit {
        ofKind[Self.limit - 1].witness +=
          "\n  (and \(FixedPoint.grouped(counts[place] - Self.limit)) more of this kind)"
      }
      anomalies += ofKind
    }
    return anomalies
  }
}
