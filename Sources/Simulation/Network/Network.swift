/// The network between hosts: it decides what becomes of each packet, and delivers it.
///
/// ```
///   send ─ draw latency and luck ─ impairments of the link ─ interface ─ in the air ─ arrive
///                │                       │   │                  │
///               lost               lost, held, doubled        waits while others have their turn
/// ```
///
/// A packet draws its latency and its luck before any fault is looked at, so that a partition does not
/// shift what later packets draw. Whether it is dropped is decided when it is sent; whether anybody is
/// there to take it, when it arrives. Only the sender's interface is a bottleneck.
public final class Network: EventTarget {
  public var profile: NetworkProfile
  public private(set) var packetCount: UInt64 = 0
  public private(set) var byteCount: UInt64 = 0
  /// Datagrams dropped because their flow had too much waiting at its own interface.
  public private(set) var overflowCount: UInt64 = 0
  private unowned(unsafe) let simulation: Simulation
  private var flights: [Flight?] = []
  private var freeFlights: [Int] = []
  var recorder: ActivityRecorder?
  /// How many impairments concern packets from host `i` to host `j`, at `i * hosts + j`.
  private var impaired: [UInt16] = []
  private var impairments: [LinkImpairment] = []
  private var interfaces: [NetworkInterface] = []
  private var flowCount: UInt64 = 0

  enum Flight {
    case datagram(Datagram)
    case segment(Connection.Segment, from: Connection)
    /// A host answers a segment of a connection that it does not know.
    case reset(of: Connection)
    case handshake(Handshake)

    var isDatagram: Bool { if case .datagram = self { true } else { false } }
  }

  /// What became of a packet, as far as its sender can know.
  enum Departure {
    case sent
    case lost
    case refused
  }

  init(simulation: Simulation, profile: NetworkProfile) {
    (self.simulation, self.profile) = (simulation, profile)
  }

  /// Packets on their way.
  public var inFlightCount: Int { flights.count - freeFlights.count }

  // MARK: Sending

  func send(_ datagram: Datagram) {
    let flow =
      UInt64(datagram.destination.host.index) << 32 | UInt64(datagram.destination.port) << 16
      | UInt64(datagram.source.port)
    _ = send(
      .datagram(datagram), from: simulation.hosts[datagram.source.host.index],
      to: simulation.hosts[datagram.destination.host.index], bytes: datagram.payload.count,
      flow: flow)
  }

  /// Sends something from one host to another.
  ///
  /// - Parameters:
  ///   - bytes: of payload.
  ///   - flow: what it shares its turns at the interface with.
  func send(
    _ flight: consuming Flight, from source: Host, to target: Host, bytes: Int, flow: UInt64
  ) -> Departure {
    let departure = attempt(flight, from: source, to: target, bytes: bytes, flow: flow)
    if departure != .sent { recorder?.lost(from: source.id, to: target.id, bytes: bytes) }
    return departure
  }

  private func attempt(
    _ flight: consuming Flight, from source: Host, to target: Host, bytes: Int, flow: UInt64
  ) -> Departure {
    guard let latency = luck(from: source, to: target, bytes: bytes) else { return .lost }
    if isImpaired(from: source.id, to: target.id) {
      return attemptImpaired(
        flight, from: source, to: target, bytes: bytes, flow: flow, latency: latency)
    }
    depart(flight, from: source, to: target, bytes: bytes, flow: flow, latency: latency)
    return .sent
  }

  /// As ``attempt(_:from:to:bytes:flow:)``, on a link with which something is wrong.
  private func attemptImpaired(
    _ flight: Flight, from source: Host, to target: Host, bytes: Int, flow: UInt64,
    latency: Interval
  ) -> Departure {
    var flight = flight
    var latency = latency
    var copy: Interval?
    var clog: LinkImpairment?
    for impairment in impairments where impairment.links.contains(from: source.id, to: target.id) {
      switch impairment.strike(at: simulation.now) {
      case .none: break
      case .lost: return .lost
      case .refused: return .refused
      case .delayed(let extra): latency = latency + extra
      case .doubled: copy = impairment.lag(behind: latency)
      case .held: clog = impairment
      case .damaged(let escapes):
        guard let damaged = damaged(flight, by: impairment, escapes: escapes) else {
          return .lost
        }
        flight = damaged
      }
    }
    if let clog {
      clog.held.append((place(flight, from: source, to: target, bytes: bytes), latency))
      return .sent
    }
    if let copy, flight.isDatagram {
      depart(flight, from: source, to: target, bytes: bytes, flow: flow, latency: copy)
    }
    depart(flight, from: source, to: target, bytes: bytes, flow: flow, latency: latency)
    return .sent
  }

  /// Whether an empty packet would come through, without sending one: for probes of a transport.
  func wouldPass(from source: Host, to target: Host) -> Bool {
    guard luck(from: source, to: target, bytes: 0) != nil else { return false }
    guard isImpaired(from: source.id, to: target.id) else { return true }
    for impairment in impairments where impairment.links.contains(from: source.id, to: target.id) {
      switch impairment.strike(at: simulation.now) {
      case .none, .delayed, .doubled: break
      case .lost, .refused, .damaged, .held: return false
      }
    }
    return true
  }

  /// The latency of one packet; `nil` if the link loses it by itself.
  private func luck(from source: Host, to target: Host, bytes: Int) -> Interval? {
    packetCount += 1
    byteCount += UInt64(bytes)
    if source === target { return profile.sameHost.draw(from: source.random) }
    if let zone = source.zone, zone === target.zone {
      return profile.sameZone.draw(from: source.random)
    }
    return profile.crossZone.draw(from: source.random)
  }

  /// The damaged packet; `nil` if the transport's checksum finds the damage, and drops it.
  private func damaged(
    _ flight: Flight, by impairment: LinkImpairment, escapes: Bool
  ) -> Flight? {
    // A stream's bytes are covered by a checksum that the receiver's interface verifies: they are sent again.
    guard case .datagram(let datagram) = flight, !datagram.payload.isEmpty else { return nil }
    var payload = datagram.payload
    impairment.damage(&payload)
    guard escapes || Checksum.internet(payload) == Checksum.internet(datagram.payload) else {
      return nil
    }
    return .datagram(
      Datagram(source: datagram.source, destination: datagram.destination, payload: payload))
  }

  private func depart(
    _ flight: consuming Flight, from source: Host, to target: Host, bytes: Int, flow: UInt64,
    latency: Interval
  ) {
    let now = simulation.now
    if source === target {
      return take(off: place(flight, from: source, to: target, bytes: bytes), at: now + latency)
    }
    let interface = source.id.index
    if interfaces[interface].hasRoom(at: now) {
      let left = interfaces[interface].transmit(bytes, at: now)
      return take(off: place(flight, from: source, to: target, bytes: bytes), at: left + latency)
    }
    if flight.isDatagram,
      interfaces[interface].waiting(flow: flow) + bytes > NetworkInterface.datagramLimit
    {
      overflowCount += 1
      recorder?.lost(from: source.id, to: target.id, bytes: bytes)
      return
    }
    interfaces[interface].enqueue(
      NetworkInterface.Packet(
        flight: place(flight, from: source, to: target, bytes: bytes), bytes: bytes,
        latency: latency), flow: flow)
    look(after: interface)
  }

  private func place(
    _ flight: consuming Flight, from source: Host, to target: Host, bytes: Int
  ) -> Int {
    let place: Int
    if let reused = freeFlights.popLast() {
      flights[reused] = flight
      place = reused
    } else {
      place = flights.count
      flights.append(flight)
    }
    recorder?.sent(slot: place, from: source.id, to: target.id, bytes: bytes)
    return place
  }

  /// Puts a flight into the air; the segments of one stream keep their order.
  private func take(off place: Int, at arrival: Instant) {
    var arrival = arrival
    if case .segment(_, let connection) = flights[place] {
      arrival = max(arrival, connection.lastArrival)
      connection.lastArrival = arrival
    }
    simulation.loop.schedule(at: arrival, self, token: UInt64(place))
  }

  /// A number for a stream, by which its packets share turns.
  func newFlow() -> UInt64 {
    flowCount += 1
    return flowCount | 1 << 63
  }

  // MARK: Interfaces

  /// Tokens from here on are those of interfaces, the others those of flights.
  private static let interfaceTokens: UInt64 = 1 << 62

  private func look(after interface: Int) {
    guard !interfaces[interface].isServed else { return }
    interfaces[interface].isServed = true
    simulation.loop.schedule(
      at: interfaces[interface].nextService, self, token: Self.interfaceTokens + UInt64(interface))
  }

  private func serve(_ interface: Int) {
    interfaces[interface].isServed = false
    let now = simulation.now
    while let packet = interfaces[interface].dequeue(at: now) {
      let left = interfaces[interface].transmit(packet.bytes, at: now)
      take(off: packet.flight, at: left + packet.latency)
    }
    if !interfaces[interface].hasRoom(at: now) { look(after: interface) }
  }

  /// Of a host's interface, in bytes per second.
  func bandwidth(of host: HostID) -> Int64 { interfaces[host.index].bandwidth }

  /// Limits a host's interface further; of several limits, the lowest holds.
  func limitBandwidth(of host: HostID, to limit: Int64) {
    precondition(limit > 0, "an interface needs some bandwidth, not \(limit) bytes/s")
    interfaces[host.index].limits.append(limit)
  }

  func liftLimit(of host: HostID, to limit: Int64) {
    guard let place = interfaces[host.index].limits.firstIndex(of: limit) else { return }
    interfaces[host.index].limits.remove(at: place)
  }

  /// Forgets what a host has not sent yet: it has lost power.
  func clearInterface(of host: HostID) {
    for flight in interfaces[host.index].clear(at: simulation.now) { release(flight) }
  }

  // MARK: Arriving

  public func fire(_ token: UInt64) {
    if token >= Self.interfaceTokens { return serve(Int(token - Self.interfaceTokens)) }
    guard let flight = flights[Int(token)].take() else { return }
    freeFlights.append(Int(token))
    recorder?.arrived(slot: Int(token))
    switch flight {
    case .datagram(let datagram):
      let host = simulation.hosts[datagram.destination.host.index]
      guard host.isUp, let binding = host.ports[datagram.destination.port],
        case .datagrams(let handler) = binding.receiver
      else { return }
      if binding.process.isPaused {
        binding.process.postpone(bytes: datagram.payload.count) { handler.receive(datagram) }
      } else {
        handler.receive(datagram)
      }
    case .segment(let segment, let sender):
      sender.arrive(segment)
    case .reset(let connection):
      connection.learnOfReset()
    case .handshake(let handshake):
      handshake.advance()
    }
  }

  private func release(_ flight: Int) {
    flights[flight] = nil
    freeFlights.append(flight)
  }

  /// Lets go of all that is in the air.
  func forgetEverything() {
    flights.removeAll()
    impairments.removeAll()
  }

  // MARK: Impairments

  /// Makes something wrong with the links between two sets of hosts; a host keeps its link to itself.
  ///
  /// - Parameters:
  ///   - name: of the random stream that it draws from.
  ///   - oneWay: whether packets from `right` to `left` are spared.
  public func impair(
    _ left: [HostID], to right: [HostID], with fault: LinkFault, oneWay: Bool, name: String
  ) -> LinkImpairment {
    var links = LinkImpairment.Links(hosts: interfaces.count)
    for a in left {
      for b in right where a != b {
        links.add(from: a, to: b)
        if !oneWay { links.add(from: b, to: a) }
      }
    }
    let impairment = LinkImpairment(
      fault, links: links, random: simulation.random(name), since: simulation.now)
    impairments.append(impairment)
    count(impairment, by: 1)
    return impairment
  }

  /// Cuts the network between two sets of hosts; nobody is told.
  ///
  /// - Parameter oneWay: whether packets from `right` to `left` still pass.
  public func partition(_ left: [HostID], from right: [HostID], oneWay: Bool) -> LinkImpairment {
    impair(left, to: right, with: .blocked, oneWay: oneWay, name: "partition")
  }

  /// Ends an impairment; what it held back goes on its way.
  public func heal(_ impairment: LinkImpairment) {
    guard let index = impairments.firstIndex(where: { $0 === impairment }) else { return }
    if impairment.fault == .blocked,
      simulation.plantedDefects.contains(KernelDefect.partitionsNeverHeal)
    {
      return
    }
    impairments.remove(at: index)
    count(impairment, by: -1)
    for (flight, latency) in impairment.held { take(off: flight, at: simulation.now + latency) }
    impairment.held.removeAll()
  }

  @inline(__always)
  private func isImpaired(from source: HostID, to target: HostID) -> Bool {
    impaired[source.index * interfaces.count + target.index] != 0
  }

  private func count(_ impairment: LinkImpairment, by change: Int) {
    for from in 0..<interfaces.count {
      for to in 0..<interfaces.count
      where impairment.links.contains(from: HostID(index: from), to: HostID(index: to)) {
        let link = from * interfaces.count + to
        impaired[link] = UInt16(Int(impaired[link]) + change)
      }
    }
  }

  /// Makes room for one more host.
  ///
  /// - Parameter bandwidth: of its interface, in bytes per second; `nil` for the profile's.
  func admit(_ host: Host, bandwidth: Int64?) {
    interfaces.append(NetworkInterface(bandwidth: bandwidth ?? profile.bandwidth))
    impaired = Array(repeating: 0, count: interfaces.count * interfaces.count)
    for impairment in impairments { count(impairment, by: 1) }
  }
}
