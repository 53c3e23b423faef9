/// Something is wrong with the links between two groups of hosts.
final class LinkDisturbance: FaultEffect {
  private let network: Network?
  private let impairment: LinkImpairment?

  init(
    _ fault: LinkFault, between hosts: [Host], and others: [Host], oneWay: Bool, stream: String
  ) {
    network = hosts.first?.simulation.network
    impairment = network?.impair(
      hosts.map(\.id), to: others.map(\.id), with: fault, oneWay: oneWay, name: stream)
  }

  func end() { if let impairment { network?.heal(impairment) } }

  var count: Int { Int(impairment?.disturbedCount ?? 0) }

  var evidence: String {
    switch impairment?.fault {
    case .blocked, .flapping, .lossy: "\(count) packets dropped"
    case .refused: "\(count) packets refused"
    case .delayed, .reordering: "\(count) packets delayed"
    case .duplicating: "\(count) packets doubled"
    case .corrupting: "\(count) packets damaged"
    case .clogged: "\(count) packets held back"
    case nil: "nothing to disturb"
    }
  }
}
