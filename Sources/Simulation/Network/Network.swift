/// The network between hosts: it decides what becomes of each packet, and delivers it.
///
/// A packet draws its latency and its luck before any fault is looked at, so that a partition does not
/// shift what later packets draw. Whether it is dropped is decided when it is sent; whether anybody is
/// there to take it, when it arrives.
public final class Network: EventTarget {
  public var profile: NetworkProfile
  public private(set) var packetCount: UInt64 = 0
  public private(set) var byteCount: UInt64 = 0
  private unowned(unsafe) let simulation: Simulation
  private var flights: [Flight?] = []
  private var freeFlights: [Int] = []
  /// How many active partitions block packets from host `i` to host `j`, at `i * hosts + j`.
  private var blocks: [UInt16] = []
  private var partitions: [Partition] = []
  private var transmitFreeAt: [Instant] = []

  enum Flight {
    case datagram(Datagram)
    case segment(Connection.Segment, from: Connection)
    case handshake(Handshake)
  }

  init(simulation: Simulation, profile: NetworkProfile) {
    (self.simulation, self.profile) = (simulation, profile)
  }

  /// Packets on their way.
  public var inFlightCount: Int { flights.count - freeFlights.count }

  // MARK: Sending

  func send(_ datagram: Datagram) {
    let source = simulation.hosts[datagram.source.host.index]
    let target = simulation.hosts[datagram.destination.host.index]
    guard let delay = fate(from: source, to: target, bytes: datagram.payload.count) else { return }
    launch(.datagram(datagram), at: simulation.now + delay)
  }

  /// Puts something into the air.
  func launch(_ flight: Flight, at arrival: Instant) {
    let index: Int
    if let reused = freeFlights.popLast() {
      index = reused
      flights[index] = flight
    } else {
      index = flights.count
      flights.append(flight)
    }
    simulation.loop.schedule(at: arrival, self, token: UInt64(index))
  }

  /// How long a packet takes from one host to another; `nil` if it is lost.
  func fate(from source: Host, to target: Host, bytes: Int) -> Interval? {
    packetCount += 1
    byteCount += UInt64(bytes)
    let path: NetworkProfile.Path
    if source === target {
      path = profile.sameHost
    } else if let zone = source.zone, zone === target.zone {
      path = profile.sameZone
    } else {
      path = profile.crossZone
    }
    let latency = path.latency.draw(from: source.random)
    let isLost = path.loss > 0 && source.random.chance(path.loss)
    if isBlocked(from: source.id, to: target.id) {
      for partition in partitions where partition.blocks(source.id, target.id) {
        partition.droppedCount += 1
      }
      return nil
    }
    if isLost { return nil }
    if source === target { return latency }
    // The interface sends one packet after another.
    let wire = Interval.nanoseconds(Int64(bytes + 66) * 1_000_000_000 / profile.bandwidth)
    let now = simulation.now
    let sent = max(now, transmitFreeAt[source.id.index]) + wire
    transmitFreeAt[source.id.index] = sent
    return (sent - now) + latency
  }

  /// Lets go of all that is in the air.
  func forgetEverything() { flights.removeAll() }

  // MARK: Arriving

  public func fire(_ token: UInt64) {
    guard let flight = flights[Int(token)] else { return }
    flights[Int(token)] = nil
    freeFlights.append(Int(token))
    switch flight {
    case .datagram(let datagram):
      let host = simulation.hosts[datagram.destination.host.index]
      guard host.isUp, let binding = host.ports[datagram.destination.port],
        case .datagrams(let handler) = binding.receiver
      else { return }
      handler.receive(datagram)
    case .segment(let segment, let sender):
      sender.arrive(segment)
    case .handshake(let handshake):
      handshake.advance()
    }
  }

  // MARK: Partitions

  /// Packets that may not pass: from each host of one set to each of another.
  public final class Partition {
    let pairs: [(from: HostID, to: HostID)]
    /// How many packets it has swallowed: the evidence that it took effect.
    public fileprivate(set) var droppedCount: UInt64 = 0

    init(pairs: [(from: HostID, to: HostID)]) { self.pairs = pairs }

    func blocks(_ source: HostID, _ target: HostID) -> Bool {
      pairs.contains { $0.from == source && $0.to == target }
    }
  }

  /// Cuts the network between two sets of hosts; a host is never cut off from itself.
  ///
  /// - Parameter oneWay: whether packets from `right` to `left` still pass.
  public func partition(_ left: [HostID], from right: [HostID], oneWay: Bool) -> Partition {
    var pairs: [(from: HostID, to: HostID)] = []
    for a in left {
      for b in right where a != b {
        if !pairs.contains(where: { $0 == (a, b) }) { pairs.append((a, b)) }
        if !oneWay, !pairs.contains(where: { $0 == (b, a) }) { pairs.append((b, a)) }
      }
    }
    let partition = Partition(pairs: pairs)
    partitions.append(partition)
    count(partition, by: 1)
    return partition
  }

  public func heal(_ partition: Partition) {
    guard let index = partitions.firstIndex(where: { $0 === partition }) else { return }
    partitions.remove(at: index)
    count(partition, by: -1)
  }

  @inline(__always)
  func isBlocked(from source: HostID, to target: HostID) -> Bool {
    blocks[source.index * transmitFreeAt.count + target.index] != 0
  }

  private func count(_ partition: Partition, by change: Int) {
    for pair in partition.pairs {
      let index = pair.from.index * transmitFreeAt.count + pair.to.index
      blocks[index] = UInt16(Int(blocks[index]) + change)
    }
  }

  /// Makes room for one more host.
  func admit(_ host: Host) {
    transmitFreeAt.append(.start)
    blocks = Array(repeating: 0, count: transmitFreeAt.count * transmitFreeAt.count)
    for partition in partitions { count(partition, by: 1) }
  }
}
