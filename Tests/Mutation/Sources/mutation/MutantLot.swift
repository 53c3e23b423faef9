internal import Foundation
internal import SwiftOperators
internal import SwiftParser
internal import SwiftSyntax

/// Small changes of the code, drawn by lot.
///
/// Each place that could be changed has a number that depends on nothing but its text, what is around it and the seed;
/// of each kind those with the lowest numbers are drawn, in turn. So a change of the sources elsewhere leaves most of
/// the draw as it was.
struct MutantLot {
  let root: URL
  let seed: UInt64

  /// - Returns: up to `count` of them, none of which overlaps another or one of `others`.
  func draw(_ count: Int, besides others: [Edit]) throws -> [Edit] {
    var byKind: [String: [(rank: UInt64, site: MutationSite, file: String)]] = [:]
    for file in try Self.files(under: root) {
      let text = try String(contentsOf: root.appending(path: file), encoding: .utf8)
      for site in MutationSites.all(in: text) {
        let identity = "\(file) \(site.identity)"
        let rank = Fingerprint.number("\(seed) \(identity)".utf8)
        // The low bits of such a sum hold little of its first bytes.
        let mixed = (rank ^ rank >> 32) &* 0x9E37_79B9_7F4A_7C15
        byKind[site.kind, default: []].append((mixed ^ mixed >> 29, site, file))
      }
    }
    var queues = byKind.sorted { $0.key < $1.key }.map { kind in
      kind.value.sorted { ($0.rank, $0.site.identity) < ($1.rank, $1.site.identity) }[...]
    }
    var taken: [String: [Range<Int>]] = [:]
    for edit in others { taken[edit.file, default: []].append(edit.range) }
    var drawn: [Edit] = []
    while drawn.count < count, queues.contains(where: { !$0.isEmpty }) {
      for index in queues.indices where drawn.count < count {
        while let (_, site, file) = queues[index].popFirst() {
          if taken[file, default: []].contains(where: { $0.overlaps(site.range) }) { continue }
          taken[file, default: []].append(site.range)
          let name = "m" + Fingerprint.of("\(file) \(site.identity)".utf8).prefix(8)
          drawn.append(
            Edit(
              origin: .mutant, name: name, file: file, kind: site.kind,
              change: "\(site.declaration): \(site.change)", guess: "", range: site.range,
              replacement: site.replacement))
          break
        }
      }
    }
    return drawn
  }

  /// What is said of the world is no part of what is done: events, meters, probes and the like are left alone.
  private static func files(under root: URL) throws -> [String] {
    let spared = [
      "Events.swift", "Meters.swift", "Probe.swift", "Defect.swift", "FaultPoint.swift",
      "Overview.swift", "ExpressionText.swift", "SyntaxText.swift", "VolumeInspector.swift",
      "SessionLanes.swift", "SegmentFaultInjector.swift", "+FaultInjection.swift",
      "StorageIncarnation+Faults.swift", "ReplicaFailures.swift", "SegmentFault.swift",
      "SegmentFaultMessages.swift", "ReplicaStatus.swift", "SessionStatus.swift",
    ]
    return try PlantedTree.modules.flatMap { module in
      try FileManager.default.subpathsOfDirectory(
        atPath: root.appending(path: "Sources/\(module)").path
      ).filter { name in name.hasSuffix(".swift") && !spared.contains { name.hasSuffix($0) } }
        .sorted().map { "Sources/\(module)/\($0)" }
    }
  }
}
