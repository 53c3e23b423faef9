/// Something takes memory away from the programs of hosts.
final class MemoryPressure: FaultEffect {
  private let taken: [(host: Host, bytes: Int, endedBefore: Int)]
  /// Once it is over; what is ended afterwards is none of its doing.
  private var outcome: [String]?

  init(on hosts: [Host], share: Double) {
    taken = hosts.filter { $0.memory.capacity < Memory.endless }.map {
      ($0, Int(Double($0.memory.capacity) * share), $0.memory.kills.count)
    }
    for (host, bytes, _) in taken {
      host.memory.withheld += bytes
      host.reclaimMemory()
    }
  }

  func end() {
    outcome = ended
    for (host, bytes, _) in taken { host.memory.withheld -= bytes }
  }

  /// Programs that were ended for want of memory, such as `engine on w (10922 MiB)`.
  private var ended: [String] {
    outcome
      ?? taken.flatMap { host, _, before in
        host.memory.kills.dropFirst(before).map {
          "\($0.program) on \(host.name) (\($0.bytes >> 20) MiB)"
        }
      }
  }

  var count: Int { ended.count }

  var evidence: String {
    let size = "\(taken.reduce(0) { $0 + $1.bytes >> 20 }) MiB taken"
    if ended.isEmpty { return "\(size), and nobody needed them" }
    var names: [(name: String, count: Int)] = []
    for name in ended {
      if let place = names.firstIndex(where: { $0.name == name }) {
        names[place].count += 1
      } else {
        names.append((name, 1))
      }
    }
    let list = names.map { $0.count == 1 ? $0.name : "\($0.name) (\($0.count) times)" }
    return "\(size); ended for want of memory: \(list.joined(separator: ", "))"
  }
}
