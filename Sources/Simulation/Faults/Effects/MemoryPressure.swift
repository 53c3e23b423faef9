/// Something takes memory away from the programs of hosts.
final class MemoryPressure: FaultEffect {
  private let taken: [(host: Host, bytes: Int)]
  private let killsBefore: Int

  init(on hosts: [Host], share: Double) {
    killsBefore = hosts.reduce(0) { $0 + $1.memory.kills }
    taken = hosts.filter { $0.memory.capacity < Memory.endless }.map {
      ($0, Int(Double($0.memory.capacity) * share))
    }
    for (host, bytes) in taken {
      host.memory.withheld += bytes
      host.reclaimMemory()
    }
  }

  func end() { for (host, bytes) in taken { host.memory.withheld -= bytes } }

  private var kills: Int { taken.reduce(0) { $0 + $1.host.memory.kills } - killsBefore }

  /// MiB that were taken.
  var count: Int { taken.reduce(0) { $0 + $1.bytes >> 20 } }
  var evidence: String { "\(count) MiB taken; processes ended for want of memory: \(kills)" }
}
