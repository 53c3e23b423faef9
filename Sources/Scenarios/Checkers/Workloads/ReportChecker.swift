public import Simulation

/// Rows in places, one in each, whose amounts always have the same sum. Whoever reads them several times in one snapshot
/// reads the same each time, whichever way he comes to them; and no session's snapshot is older than its last one.
public struct ReportChecker: Checker {
  public struct Row: Equatable, Sendable {
    let id: Int64
    let kind: Int64
    let amount: Int64

    public init(id: Int64, kind: Int64, amount: Int64) {
      (self.id, self.kind, self.amount) = (id, kind, amount)
    }
  }

  /// Which rows were asked for.
  public enum Part: Equatable, Sendable {
    case all
    case kind(Int64)
    /// Both keys that the row of a place may have.
    case place(Int64)
  }

  /// A client of the mix, and the last of its transactions that has left something.
  public struct Commit: Equatable, Sendable {
    let client: Int64
    let last: Int64

    public init(client: Int64, last: Int64) { (self.client, self.last) = (client, last) }
  }

  /// An answer to one statement of a report.
  public enum Reading: Sendable {
    /// By their keys, in ascending order.
    case rows(Part, [Row])
    case totals(Part, count: Int64, sum: Int64)
    /// By client, in ascending order.
    case commits([Commit])
  }

  public enum Observation: Sendable {
    /// What one transaction has read in its snapshot, in order.
    case report(by: String, session: String, [Reading])
    /// A report was ended with this SQLSTATE.
    case refused(by: String, sqlState: String)
  }

  private let places: Int
  private let amount: Int64
  /// What the last report of each session saw.
  private var lastCommits: [(session: String, commits: [Commit])] = []
  public private(set) var reportCount = 0
  /// Readings that were held against an earlier one of the same snapshot.
  public private(set) var comparisonCount = 0

  /// - Parameter amount: of a row, on average.
  public init(places: Int, amount: Int64) { (self.places, self.amount) = (places, amount) }

  public mutating func observe(_ observation: Observation, at now: Instant) -> Violation? {
    switch observation {
    case .refused(let reader, let sqlState):
      return violation(now, "\(reader) only reads, and met \(sqlState)")
    case .report(let reader, let session, let readings):
      reportCount += 1
      return judge(readings, of: reader, in: session).map { violation(now, "\(reader) \($0)") }
    }
  }

  /// What is wrong with the first reading that is wrong.
  private mutating func judge(
    _ readings: [Reading], of reader: String, in session: String
  ) -> String? {
    var first: [Row]?
    var commits: [Commit]?
    for reading in readings {
      var fault: String?
      switch reading {
      case .rows(.all, let rows) where first == nil:
        first = rows
        fault = unsoundness(of: rows)
      case .rows(let part, let rows):
        guard let first else { continue }
        comparisonCount += 1
        fault = Self.difference(first.filter { Self.has(part, $0) }, rows)
      case .totals(let part, let count, let sum):
        guard let first else { continue }
        comparisonCount += 1
        let rows = first.filter { Self.has(part, $0) }
        let expected = rows.reduce(0) { $0 + $1.amount }
        if count != Int64(rows.count) || sum != expected {
          fault =
            "read \(rows.count) rows with a sum of \(expected), and counted \(count) with a sum of"
            + " \(sum) in the same snapshot"
        }
      case .commits(let seen):
        if let commits {
          comparisonCount += 1
          if commits != seen { fault = "saw commits come into its snapshot" }
        } else {
          commits = seen
          fault = wayBack(to: seen, in: session)
        }
      }
      if let fault { return fault }
    }
    return nil
  }

  private func unsoundness(of rows: [Row]) -> String? {
    let taken = rows.map { ($0.id + 1) / 2 }
    if taken != Array(1...Int64(places)) {
      let missing = (1...Int64(places)).first { !taken.contains($0) }
      return missing.map { "found no row in place \($0)" }
        ?? "found \(rows.count) rows in \(places) places"
    }
    let sum = rows.reduce(0) { $0 + $1.amount }
    let expected = Int64(places) * amount
    return sum == expected ? nil : "read a sum of \(sum) instead of \(expected)"
  }

  /// Whether a session has seen more in an earlier transaction.
  private mutating func wayBack(to commits: [Commit], in session: String) -> String? {
    guard let place = lastCommits.firstIndex(where: { $0.session == session }) else {
      lastCommits.append((session, commits))
      return nil
    }
    defer { lastCommits[place].commits = commits }
    for earlier in lastCommits[place].commits {
      let last = commits.first { $0.client == earlier.client }?.last ?? 0
      if last < earlier.last {
        return
          "saw client \(earlier.client) at transaction \(last), and its session had seen"
          + " \(earlier.last) before"
      }
    }
    return nil
  }

  private static func has(_ part: Part, _ row: Row) -> Bool {
    switch part {
    case .all: true
    case .kind(let kind): row.kind == kind
    case .place(let place): (row.id + 1) / 2 == place
    }
  }

  private static func difference(_ first: [Row], _ again: [Row]) -> String? {
    guard first != again else { return nil }
    func wording(_ row: Row?) -> String {
      row.map { "\($0.id) of kind \($0.kind) with \($0.amount)" } ?? "none"
    }
    let place =
      zip(first, again).enumerated().first { $0.element.0 != $0.element.1 }?.offset
      ?? min(first.count, again.count)
    return
      "read row \(wording(place < first.count ? first[place] : nil)), and then"
      + " \(wording(place < again.count ? again[place] : nil)) in the same snapshot"
  }

  private func violation(_ now: Instant, _ evidence: String) -> Violation {
    Violation(.snapshotsStandStill, at: now, evidence: evidence)
  }
}
