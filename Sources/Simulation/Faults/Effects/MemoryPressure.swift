/// Something takes memory away from the programs of hosts.
final class MemoryPressure: FaultEffect {
  private let taken: [(host: Host, bytes: Int)]
  /// For each of the hosts from which memory is taken: how many processes it had ended before.
  private let killsBefore: [Int]
  private var killsAfter: [Int]?

  init(on hosts: [Host], share: Double) {
    taken = hosts.filter { $0.memory.capacity < Memory.endless }.map {
      ($0, Int(Double($0.memory.capacity) * share))
    }
    killsBefore = taken.map { $0.host.memory.kills.count }
    for (host, bytes) in taken {
      host.memory.withheld += bytes
      host.reclaimMemory()
    }
  }

  func end() {
    killsAfter = taken.map { $0.host.memory.kills.count }
    for (host, bytes) in taken { host.memory.withheld -= bytes }
  }

  /// `engine on w (10922 MiB)`, in order of the hosts, and on each of time.
  private var killed: [String] {
    taken.indices.flatMap { index in
      let kills = taken[index].host.memory.kills
      return kills[killsBefore[index]..<(killsAfter?[index] ?? kills.count)].map {
        "\($0.program) on \(taken[index].host.name) (\($0.bytes >> 20) MiB)"
      }
    }
  }

  /// MiB that were taken.
  var count: Int { taken.reduce(0) { $0 + $1.bytes >> 20 } }
  var evidence: String {
    let killed = killed.isEmpty ? "none" : killed.joined(separator: ", ")
    return "\(count) MiB taken; processes ended for want of memory: \(killed)"
  }
}
