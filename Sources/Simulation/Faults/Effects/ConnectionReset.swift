/// Connections between two groups of hosts are reset, and what they send to each other is refused.
final class ConnectionReset: FaultEffect {
  private let refusal: LinkDisturbance
  private var resetCount = 0

  init(between hosts: [Host], and others: [Host], _ stream: String) {
    refusal = LinkDisturbance(.refused, between: hosts, and: others, oneWay: false, stream: stream)
    let ids = others.map(\.id)
    for process in hosts.flatMap(\.processes) {
      resetCount += process.resetConnections(to: ids)
    }
  }

  func end() { refusal.end() }

  var count: Int { resetCount + refusal.count }
  var evidence: String { "\(resetCount) connections reset, \(refusal.count) packets refused" }
}
