import Foundation
import Scenarios
import Testing

/// A checker that never failed is not to be trusted: each planted defect is found within fifty seeds, and the
/// same scenario and seed pass without it.
///
/// `PlantedDefects.csv` tells how many seeds it took, the median of five searches; `BOREALIS_RECORD=1 swift
/// test --filter PlantedDefect` writes it anew. The nondeterminism that `RepeatabilityTests` plants is not
/// among them: it takes two runs of one seed, and is found by the first pair.
@Suite struct `A planted defect` {
  @Test(arguments: PlantedDefect.all)
  func `is found, and nothing is found without it`(_ defect: PlantedDefect) throws {
    let found = try #require(
      try defect.search(from: 1), "\(defect.name) was not found with seeds 1 to 50")
    print("\(defect.name): found with seed \(found.count): \(found.proof)")
    let sound = try defect.run(seed: UInt64(found.count), isSound: true)
    #expect(sound == .passed, "without the defect, seed \(found.count)")
  }

  @Test func `is known by its name`() {
    let planted = PlantedDefect.all.filter { $0.volume.isEmpty }.map(\.name)
    #expect(planted.sorted() == RunDefects.known.sorted())
  }

  /// An invariant that nothing was ever seen to break is not known to be watched.
  @Test func `proves of each invariant that it can fail`() {
    let proven = PlantedDefect.all.compactMap(\.breaks)
    #expect(Invariant.all.filter { !proven.contains($0) }.map(\.name) == [])
  }

  /// Times in evidence are the scenario's, as everywhere.
  @Test func `that loses a commit is told with the instant of the loss`() throws {
    let defect = PlantedDefect.all[1]
    let seed = UInt64(try #require(try defect.search(from: 1)).count)
    let broken = try defect.scenario.run(seed: seed, defects: RunDefects([defect.name]))
    let violation = try #require(
      broken.violations.first { $0.invariant == .noAcknowledgedCommitLost })
    #expect(broken.recoveryPoint.lost.first?.acknowledged == violation.instant)
    #expect(violation.evidence.contains("acknowledged at \(violation.instant)"))
  }

  @Test(.enabled(if: ProcessInfo.processInfo.environment["BOREALIS_RECORD"] != nil))
  func `is written down with the seeds that it took`() throws {
    var table = "defect,median seeds,searches,how it showed\n"
    for defect in PlantedDefect.all {
      let searches = try ([1, 101, 201, 301, 401] as [UInt64]).map { try defect.search(from: $0) }
      let counts = searches.map { $0?.count ?? 51 }.sorted()
      let proof = searches.compactMap { $0?.proof }.first ?? "not found"
      let quoted = proof.replacingOccurrences(of: "\"", with: "'")
      table += "\(defect.name),\(counts[2]),\(counts.count),\"\(quoted)\"\n"
    }
    try Data(table.utf8).write(
      to: URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "PlantedDefects.csv"))
  }
}
