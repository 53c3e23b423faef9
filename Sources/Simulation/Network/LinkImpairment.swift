/// What is wrong with the way from one host to another, as a value.
public enum LinkFault: Hashable, Codable, Sendable {
  /// Packets vanish: a partition, with nobody told.
  case blocked
  /// Packets vanish, and their senders are told at once that the connection is no more: a firewall that
  /// answers with a reset.
  case refused
  /// Packets vanish for `down` at the start of each `period`: a link that flaps.
  case flapping(down: Interval, period: Interval)
  /// Each packet is lost with this probability, from 0 to 1.
  case lossy(Double)
  /// Each packet takes so much longer.
  case delayed(by: LatencyDistribution.Shape)
  /// Each datagram comes twice with this probability; a stream drops what it has already.
  case duplicating(Double)
  /// With this probability a packet is held back for up to `by`, so that others overtake it; a stream
  /// waits for it.
  case reordering(Double, by: Interval)
  /// Bits of a packet flip with this probability. The transport's checksum, computed over the damaged
  /// bytes, drops what it finds; a share `escaping` of the datagrams is damaged where it no longer looks.
  case corrupting(Double, escaping: Double)
  /// Packets wait in the network until the fault ends, then all arrive.
  case clogged
}

/// A fault of some links, while it acts: consulted for each packet that goes from one of its pairs of hosts.
///
/// It has a random stream of its own and draws from it alone, so that what passes a link that has
/// nothing wrong with it draws as before.
public final class LinkImpairment {
  public let fault: LinkFault
  let links: Links
  /// How many packets it has dropped, delayed, doubled or damaged: the evidence that it took effect.
  public internal(set) var disturbedCount: UInt64 = 0
  /// Packets that wait for the end of a clog, with what remains of their way.
  var held: [(flight: Int, latency: Interval)] = []
  private let random: RandomStream
  private let since: Instant
  private let delay: LatencyDistribution?

  init(
    _ fault: LinkFault, links: Links, random: RandomStream, since: Instant
  ) {
    (self.fault, self.links, self.random, self.since) = (fault, links, random, since)
    if case .delayed(let shape) = fault { delay = LatencyDistribution(shape) } else { delay = nil }
  }

  /// Ways from host to host.
  struct Links {
    private let hosts: Int
    private var members: [Bool]

    init(hosts: Int) {
      self.hosts = hosts
      members = Array(repeating: false, count: hosts * hosts)
    }

    mutating func add(from source: HostID, to target: HostID) {
      members[source.index * hosts + target.index] = true
    }

    func contains(from source: HostID, to target: HostID) -> Bool {
      source.index < hosts && target.index < hosts && members[source.index * hosts + target.index]
    }
  }

  /// What it does to one packet.
  enum Effect {
    case none
    case lost
    case refused
    case delayed(Interval)
    case doubled
    case damaged(escapes: Bool)
    case held
  }

  /// Decides about a packet that is sent now.
  func strike(at now: Instant) -> Effect {
    let effect = draw(at: now)
    if case .none = effect { return effect }
    disturbedCount += 1
    return effect
  }

  private func draw(at now: Instant) -> Effect {
    switch fault {
    case .blocked: return .lost
    case .refused: return .refused
    case .flapping(let down, let period):
      let phase = (now - since).nanoseconds % max(1, period.nanoseconds)
      return phase < down.nanoseconds ? .lost : .none
    case .lossy(let probability):
      return random.chance(probability) ? .lost : .none
    case .delayed:
      let extra = delay?.draw(from: random) ?? .zero
      return extra > .zero ? .delayed(extra) : .none
    case .duplicating(let probability):
      return random.chance(probability) ? .doubled : .none
    case .reordering(let probability, let longest):
      let isStruck = random.chance(probability)
      let extra = random.interval(in: .zero...longest)
      return isStruck && extra > .zero ? .delayed(extra) : .none
    case .corrupting(let probability, let escaping):
      let isStruck = random.chance(probability)
      let escapes = random.chance(escaping)
      return isStruck ? .damaged(escapes: escapes) : .none
    case .clogged: return .held
    }
  }

  /// Flips one to three bits.
  func damage(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else { return }
    for _ in 0...random.index(below: 3) {
      bytes[random.index(below: bytes.count)] ^= 1 << UInt8(random.index(below: 8))
    }
  }

  /// The latency of a second copy: the first's, and up to as much again.
  func lag(behind latency: Interval) -> Interval {
    latency + random.interval(in: .zero...max(.zero, latency))
  }
}
