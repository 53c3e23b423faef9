/// The network between hosts: it decides what becomes of each packet, and delivers it.
///
/// ```
///   send ─ draw latency and luck ─ impairments of the link ─ interface ─ in the air ─ interface ─ arrive
///                │                       │   │                  │                         │
///               lost               lost, held, doubled        waits while others have their turn
/// ```
///
/// A packet draws its latency and its luck before any fault is looked at, so that a partition does not
/// shift what later packets draw. Whether it is dropped is decided when it is sent; whether anybody is
/// there to take it, when it arrives. Between two interfaces there is always room.
public final class Network: EventTarget {
  public let profile: NetworkProfile
  /// Datagrams dropped because too much of their flow was waiting at its own interface, or of all flows at
  /// the receiver's.
  public private(set) var overflowCount: UInt64 = 0
  private unowned(unsafe) let simulation: Simulation
  private let loop: EventLoop
  /// By the places of their identifiers; the simulation holds them.
  private var hosts: ContiguousArray<Unmanaged<Host>> = []
  private var packets = Slab<Packet>()
  var recorder: ActivityRecorder?
  /// From host `i` to host `j`, at `i * hosts + j`.
  private var links: ContiguousArray<Link> = []
  private var impairments: [LinkImpairment] = []
  private var interfaces: [NetworkInterface] = []
  private var traffic: ContiguousArray<TrafficMeters> = []
  private var flowCount: UInt64 = 0

  enum Flight: ~Copyable {
    case datagram(Datagram)
    case segment(Connection.Segment, from: Connection)
    /// A host answers a segment of a connection that it does not know.
    case reset(of: Connection)
    /// The receiver of a stream has room again.
    case room(for: Connection)
    case handshake(Handshake)

    var datagram: Datagram? {
      switch self {
      case .datagram(let datagram): datagram
      default: nil
      }
    }

    var isDatagram: Bool {
      switch self {
      case .datagram: true
      default: false
      }
    }

    /// The end of the stream whose segment it is.
    var stream: Connection? {
      switch self {
      case .segment(_, let sender): sender
      default: nil
      }
    }

    /// When it arrives that would at an instant: not before what is before it on the same stream.
    @inline(__always)
    func arrival(at instant: Instant) -> Instant {
      switch self {
      case .segment(_, let sender):
        sender.lastArrival = max(instant, sender.lastArrival)
        return sender.lastArrival
      default: return instant
      }
    }
  }

  /// What is on its way, from the sender's interface to the end of the receiver's.
  private struct Packet: ~Copyable {
    let flight: Flight
    let source: HostID
    let target: HostID
    /// Size of the payload.
    let bytes: Int
    /// When it has left the sender's interface, when it is at the receiver's, and what will take it there; as soon as
    /// it has been put on the wire.
    var left = Instant.start
    var arrival = Instant.start
    var timer: TimerID?
  }

  private struct Link {
    enum Distance {
      case sameHost
      case sameZone
      case crossZone
    }
    let distance: Distance
    /// How many impairments concern it.
    var impairments: UInt16 = 0
  }

  /// What became of a packet, as far as its sender can know.
  enum Departure {
    case sent
    case lost
    case refused
  }

  init(simulation: Simulation, profile: NetworkProfile) {
    (self.simulation, self.profile) = (simulation, profile)
    loop = simulation.loop
  }

  /// Packets on their way.
  public var inFlightCount: Int { packets.count }

  // MARK: Sending

  func send(_ datagram: consuming Datagram, from source: Host) {
    let (target, bytes) = (datagram.destination.host, datagram.payload.count)
    let flow = Self.flow(from: datagram.source, to: datagram.destination)
    _ = send(.datagram(datagram), from: source, to: target, bytes: bytes, flow: flow)
  }

  /// What a socket's datagrams to one address share their turns as.
  @inline(__always)
  private static func flow(from source: Address, to target: Address) -> UInt64 {
    UInt64(target.host.index) << 32 | UInt64(target.port) << 16 | UInt64(source.port)
  }

  /// Whether a datagram of so many bytes of payload would not be dropped at its own interface.
  func hasRoom(for bytes: Int, from source: Address, to target: Address) -> Bool {
    if source.host == target.host { return true }
    let interface = source.host.index
    return interfaces[interface].hasRoom(at: loop.now)
      || interfaces[interface].waiting(flow: Self.flow(from: source, to: target)) + bytes
        <= NetworkInterface.datagramLimit
  }

  /// Sends something from one host to another.
  ///
  /// - Parameters:
  ///   - bytes: of payload.
  ///   - flow: what it shares its turns at the interface with.
  func send(
    _ flight: consuming Flight, from source: Host, to target: HostID, bytes: Int, flow: UInt64
  ) -> Departure {
    let departure = attempt(flight, from: source, to: target, bytes: bytes, flow: flow)
    if departure != .sent { recorder?.lost(from: source.id, to: target, bytes: bytes) }
    return departure
  }

  @inline(__always)
  private func attempt(
    _ flight: consuming Flight, from source: Host, to target: HostID, bytes: Int, flow: UInt64
  ) -> Departure {
    let link = links[place(of: source.id, target)]
    guard let latency = luck(from: source, link.distance, bytes: bytes) else { return .lost }
    if link.impairments > 0 {
      return attemptImpaired(
        flight, from: source.id, to: target, bytes: bytes, flow: flow, latency: latency)
    }
    depart(flight, from: source.id, to: target, bytes: bytes, flow: flow, latency: latency)
    return .sent
  }

  /// As ``attempt(_:from:to:bytes:flow:)``, on a link with which something is wrong.
  private func attemptImpaired(
    _ flight: consuming Flight, from source: HostID, to target: HostID, bytes: Int, flow: UInt64,
    latency: Interval
  ) -> Departure {
    var flight = flight
    var latency = latency
    var copy: Interval?
    var clog: LinkImpairment?
    for impairment in impairments where impairment.links.contains(from: source, to: target) {
      switch impairment.strike(at: loop.now) {
      case .none: break
      case .lost: return .lost
      case .refused: return .refused
      case .delayed(let extra): latency = latency + extra
      case .doubled: copy = impairment.lag(behind: latency)
      case .held: clog = impairment
      case .damaged(let escapes):
        // A stream's bytes are covered by a checksum that the receiver's interface verifies: they are sent again.
        guard let datagram = flight.datagram,
          let damaged = damaged(datagram, by: impairment, escapes: escapes)
        else { return .lost }
        flight = .datagram(damaged)
      }
    }
    if let clog {
      clog.held.append((place(flight, from: source, to: target, bytes: bytes), latency))
      return .sent
    }
    if let copy, let datagram = flight.datagram {
      depart(
        .datagram(datagram), from: source, to: target, bytes: bytes, flow: flow, latency: copy)
    }
    depart(flight, from: source, to: target, bytes: bytes, flow: flow, latency: latency)
    return .sent
  }

  /// Whether an empty packet would come through, without sending one: for probes of a transport.
  func wouldPass(from source: Host, to target: Host) -> Bool {
    let link = links[place(of: source.id, target.id)]
    guard luck(from: source, link.distance, bytes: 0) != nil else { return false }
    guard link.impairments > 0 else { return true }
    for impairment in impairments where impairment.links.contains(from: source.id, to: target.id) {
      switch impairment.strike(at: loop.now) {
      case .none, .delayed, .doubled: break
      case .lost, .refused, .damaged, .held: return false
      }
    }
    return true
  }

  /// The latency of one packet; `nil` if the link loses it by itself.
  @inline(__always)
  private func luck(from source: Host, _ distance: Link.Distance, bytes: Int) -> Interval? {
    let meters = traffic[source.id.index]
    meters.packetsSent += 1
    meters.bytesSent += bytes
    switch distance {
    case .sameHost: return profile.sameHost.draw(from: source.random)
    case .sameZone: return profile.sameZone.draw(from: source.random)
    case .crossZone:
      meters.bytesSentAcrossZones += bytes
      return profile.crossZone.draw(from: source.random)
    }
  }

  /// The damaged packet; `nil` if the transport's checksum finds the damage, and drops it.
  private func damaged(
    _ datagram: Datagram, by impairment: LinkImpairment, escapes: Bool
  ) -> Datagram? {
    guard !datagram.payload.isEmpty else { return nil }
    var payload = datagram.payload
    impairment.damage(&payload)
    guard escapes || Checksum.internet(payload) == Checksum.internet(datagram.payload) else {
      return nil
    }
    return Datagram(source: datagram.source, destination: datagram.destination, payload: payload)
  }

  @inline(__always)
  private func depart(
    _ flight: consuming Flight, from source: HostID, to target: HostID, bytes: Int, flow: UInt64,
    latency: Interval
  ) {
    let now = loop.now
    if source == target {
      return take(
        off: place(flight, from: source, to: target, bytes: bytes), at: now, latency: latency)
    }
    if let left = interfaces[source.index].transmitAtOnce(bytes, at: now) {
      return take(
        off: place(flight, from: source, to: target, bytes: bytes), at: left, latency: latency)
    }
    queue(flight, from: source, to: target, bytes: bytes, flow: flow, latency: latency)
  }

  /// Lets a packet wait at its interface, whose ring is full.
  private func queue(
    _ flight: consuming Flight, from source: HostID, to target: HostID, bytes: Int, flow: UInt64,
    latency: Interval
  ) {
    let interface = source.index
    if flight.isDatagram,
      interfaces[interface].waiting(flow: flow) + bytes > NetworkInterface.datagramLimit
    {
      overflowCount += 1
      recorder?.lost(from: source, to: target, bytes: bytes)
      return
    }
    interfaces[interface].enqueue(
      NetworkInterface.Packet(
        flight: place(flight, from: source, to: target, bytes: bytes), bytes: bytes,
        latency: latency), flow: flow)
    look(after: interface)
  }

  @inline(__always)
  private func place(
    _ flight: consuming Flight, from source: HostID, to target: HostID, bytes: Int
  ) -> Int {
    let place = packets.insert(
      Packet(flight: flight, source: source, target: target, bytes: bytes))
    recorder?.sent(slot: place, from: source, to: target, bytes: bytes)
    return place
  }

  /// Puts a flight into the air, which leaves its interface at an instant; the segments of one stream keep their order.
  private func take(off place: Int, at left: Instant, latency: Interval) {
    packets[place].left = left
    land(place, at: left + latency)
  }

  @inline(__always)
  private func land(_ place: Int, at arrival: Instant) {
    let arrival = packets[place].flight.arrival(at: arrival)
    packets[place].arrival = arrival
    packets[place].timer = loop.schedule(at: arrival, self, token: UInt64(place))
  }

  /// A number for a stream, by which its packets share turns.
  func newFlow() -> UInt64 {
    flowCount += 1
    return flowCount | 1 << 63
  }

  // MARK: Interfaces

  /// Tokens from here on are those of interfaces that send, and of those that receive; the others are packets'.
  private static let interfaceTokens: UInt64 = 1 << 62
  private static let portTokens: UInt64 = 1 << 61

  private func look(after interface: Int) {
    guard interfaces[interface].service == nil else { return }
    interfaces[interface].service = loop.schedule(
      at: interfaces[interface].nextService, self, token: Self.interfaceTokens + UInt64(interface))
  }

  private func serve(_ interface: Int) {
    interfaces[interface].service = nil
    let now = loop.now
    while let packet = interfaces[interface].dequeue(at: now) {
      let left = interfaces[interface].transmit(packet.bytes, at: now)
      take(off: packet.flight, at: left, latency: packet.latency)
    }
    if !interfaces[interface].hasRoom(at: now) { look(after: interface) }
  }

  /// Bandwidth of a host's interface, in bytes per second.
  func bandwidth(of host: HostID) -> Int64 { interfaces[host.index].bandwidth }

  /// When a host's interface will have sent all that it was given up to now.
  func lastTransmission(of host: HostID) -> Instant { interfaces[host.index].freeAt }

  /// Limits a host's interface further; of several limits, the lowest holds.
  func limitBandwidth(of host: HostID, to limit: Int64) {
    precondition(limit > 0, "an interface needs some bandwidth, not \(limit) bytes/s")
    if let rescaled = interfaces[host.index].limit(to: limit, at: loop.now) {
      bandwidthDidChange(of: host, rescaled)
    }
  }

  func liftLimit(of host: HostID, to limit: Int64) {
    if let rescaled = interfaces[host.index].lift(limit, at: loop.now) {
      bandwidthDidChange(of: host, rescaled)
    }
  }

  /// Lets what is on a host's wire, and what waits for it, go on at the speed that the wire has now.
  private func bandwidthDidChange(of host: HostID, _ rescaled: NetworkInterface.Rescaling) {
    let inFlight = packets.places.filter { packets[$0].timer != nil }
    let onWire = inFlight.filter { packets[$0].source == host && packets[$0].left > loop.now }
      .sorted { (packets[$0].arrival, $0) < (packets[$1].arrival, $1) }
    // What is in the air already may still hold up what comes after it on the same stream.
    for place in onWire {
      if let stream = packets[place].flight.stream { stream.lastArrival = .start }
    }
    for place in inFlight where packets[place].source != host || packets[place].left <= loop.now {
      if let stream = packets[place].flight.stream {
        stream.lastArrival = max(stream.lastArrival, packets[place].arrival)
      }
    }
    for place in onWire {
      if let timer = packets[place].timer { loop.cancel(timer) }
      let (left, arrival) = (packets[place].left, packets[place].arrival)
      packets[place].left = rescaled(left)
      land(place, at: packets[place].left + (arrival - left))
    }
    if let service = interfaces[host.index].service {
      loop.cancel(service)
      interfaces[host.index].service = nil
      look(after: host.index)
    }
    if let service = interfaces[host.index].portService {
      loop.cancel(service)
      look(afterPortOf: host.index)
    }
  }

  /// Forgets what a host has not sent yet: it has lost power.
  func clearInterface(of host: HostID) {
    for packet in interfaces[host.index].clear(at: loop.now) { _ = packets.remove(at: packet) }
  }

  // MARK: Arriving

  public func fire(_ token: UInt64) {
    if token >= Self.portTokens { return serveInterface(token) }
    let place = Int(token)
    if receive(place) { arrive(place) }
  }

  private func serveInterface(_ token: UInt64) {
    if token >= Self.interfaceTokens {
      serve(Int(token - Self.interfaceTokens))
    } else {
      servePort(of: Int(token - Self.portTokens))
    }
  }

  /// Takes a packet in at the receiver's interface.
  ///
  /// - Returns: whether it is through; otherwise it waits there, or is dropped.
  @inline(__always)
  private func receive(_ place: Int) -> Bool {
    let (source, target, bytes) =
      (packets[place].source, packets[place].target, packets[place].bytes)
    if source == target { return true }
    let sending = interfaces[source.index].wireTime(of: bytes)
    if interfaces[target.index].receiveAtOnce(bytes, sending: sending, at: loop.now) { return true }
    wait(place, bytes: bytes, at: target)
    return false
  }

  /// Lets a packet wait at the receiver's interface.
  private func wait(_ place: Int, bytes: Int, at target: HostID) {
    if packets[place].flight.isDatagram, interfaces[target.index].isOverrun(by: bytes) {
      overflowCount += 1
      recorder?.dropped(slot: place)
      _ = packets.remove(at: place)
      return
    }
    packets[place].timer = nil
    if interfaces[target.index].hold(place, bytes: bytes) { look(afterPortOf: target.index) }
  }

  private func look(afterPortOf host: Int) {
    interfaces[host].portService = loop.schedule(
      at: interfaces[host].receivedAt, self, token: Self.portTokens + UInt64(host))
  }

  private func servePort(of host: Int) {
    interfaces[host].portService = nil
    guard let (place, isFollowed) = interfaces[host].receiveNext() else { return }
    if isFollowed { look(afterPortOf: host) }
    arrive(place)
  }

  @inline(__always)
  private func arrive(_ place: Int) {
    recorder?.arrived(slot: place)
    traffic[packets[place].target.index].bytesReceived += packets[place].bytes
    switch packets.remove(at: place).flight {
    case .datagram(let datagram): deliver(datagram)
    case .segment(let segment, let sender): sender.arrive(segment)
    case .reset(let connection): connection.learnOfReset()
    case .room(let connection): connection.learnOfRoom()
    case .handshake(let handshake): handshake.advance()
    }
  }

  @inline(__always)
  private func deliver(_ datagram: Datagram) {
    hosts[datagram.destination.host.index]._withUnsafeGuaranteedRef { host in
      guard host.isUp, let binding = host.ports[datagram.destination.port],
        let handler = binding.datagrams
      else { return }
      if binding.process.isPaused {
        binding.process.postpone(bytes: datagram.payload.count) { handler.receive(datagram) }
      } else {
        handler.receive(datagram)
      }
    }
  }

  /// Lets go of all that is in the air.
  func forgetEverything() {
    packets.removeAll()
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
      fault, links: links, random: simulation.random(name), since: loop.now)
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
    for (flight, latency) in impairment.held { take(off: flight, at: loop.now, latency: latency) }
    impairment.held.removeAll()
  }

  private func count(_ impairment: LinkImpairment, by change: Int) {
    for from in 0..<hosts.count {
      for to in 0..<hosts.count {
        let (from, to) = (HostID(index: from), HostID(index: to))
        guard impairment.links.contains(from: from, to: to) else { continue }
        let link = place(of: from, to)
        links[link].impairments = UInt16(Int(links[link].impairments) + change)
      }
    }
  }

  // MARK: Hosts

  /// Makes room for one more host.
  ///
  /// - Parameter bandwidth: of its interface, in bytes per second; `nil` for the profile's.
  func admit(_ host: Host, bandwidth: Int64?) {
    hosts.append(.passUnretained(host))
    interfaces.append(NetworkInterface(bandwidth: bandwidth ?? profile.bandwidth))
    traffic.append(TrafficMeters(of: host))
    links.removeAll()
    for from in hosts {
      for to in hosts {
        links.append(Link(distance: distance(from.takeUnretainedValue(), to.takeUnretainedValue())))
      }
    }
    for impairment in impairments { count(impairment, by: 1) }
  }

  func host(_ id: HostID) -> Host { hosts[id.index].takeUnretainedValue() }

  func isUp(_ id: HostID) -> Bool { hosts[id.index]._withUnsafeGuaranteedRef { $0.isUp } }

  private func distance(_ source: Host, _ target: Host) -> Link.Distance {
    if source === target { return .sameHost }
    if let zone = source.zone, zone === target.zone { return .sameZone }
    return .crossZone
  }

  @inline(__always)
  private func place(of source: HostID, _ target: HostID) -> Int {
    source.index * hosts.count + target.index
  }
}
