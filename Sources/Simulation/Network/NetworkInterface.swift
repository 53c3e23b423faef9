import DequeModule

/// The interface of a host to the network: one packet after another, at its bandwidth, in each direction.
///
/// ```
///   packet ──▶ driver's ring: first come, first served, at most `ringDepth` of sending ──▶ wire
///      └─────▶ a queue for each flow, while the ring is full ── in turns ──▶ ring
///
///   wire ──▶ the switch's port: first come, first served, at most `portLimit` bytes of datagrams ──▶ host
/// ```
///
/// Flows that all have something to send get the same share of the bytes, whatever the size of their
/// packets; one that has less to send than its share is never held up by the others for longer than a
/// turn. What many hosts send to one gets the shares in which it comes: nobody takes turns at the port of a switch.
///
/// A packet that comes to an idle port from an interface that is no faster is through when its last bit is: it has been
/// sent on as it came.
///
/// Source: deficit round robin, Shreedhar and Varghese, SIGCOMM 1995; the short ring under fair queues is
/// how Linux does it (byte queue limits under `fq`). The depth of a port is of the order of a switch's buffer
/// divided by its ports.
struct NetworkInterface {
  /// A packet on its way to the wire.
  struct Packet {
    /// Its place among the network's packets.
    let flight: Int
    let bytes: Int
    /// From the wire to the other host.
    let latency: Interval
  }

  private struct Flow {
    var packets = Deque<Packet>()
    /// Bytes that it may still send in this turn.
    var credit = 0
    var bytes = 0
  }

  /// In bytes per second, in each direction: its own, or the lowest limit.
  private(set) var bandwidth: Int64 { didSet { byteTime = Self.byteTime(at: bandwidth) } }
  private let ownBandwidth: Int64
  /// Nanoseconds for a byte, in 2⁻³²: divided once, and not for each packet.
  private var byteTime: UInt64
  /// That faults have set, in bytes per second.
  private var limits: [Int64] = []
  /// When the last packet given to the ring has left.
  private(set) var freeAt = Instant.start
  /// Of whoever is to look after the queues later.
  var service: TimerID?
  private var flows: [Flow] = []
  private var freeFlows: [Int] = []
  private var places = LookupTable<UInt64, Int>()
  /// Flows that have packets, in order of their turns.
  private var turns = Deque<(key: UInt64, place: Int)>()
  /// Packets that have come and are not through: the first of them will be at ``receivedAt``.
  private var arrivals = Deque<(flight: Int, bytes: Int)>()
  private var arrivingBytes = 0
  /// When the last packet that was received is through, or the next one will be.
  private(set) var receivedAt = Instant.start
  /// Of whoever is to look after the port at ``receivedAt``.
  var portService: TimerID?

  private static let ringDepth = Interval.microseconds(100)
  /// Bytes that a flow may send in a turn: an Ethernet frame's worth for the smallest share of time.
  private static let quantum = 1514
  /// Ethernet, IP and transport headers of a packet, in bytes.
  private static let overhead = 66
  /// What a flow of datagrams may have waiting here: the default send buffer of a Linux socket.
  static let datagramLimit = 212_992
  /// Beyond so many bytes that wait to be received, a datagram is dropped.
  private static let portLimit = 1 << 20

  init(bandwidth: Int64) {
    (self.bandwidth, ownBandwidth) = (bandwidth, bandwidth)
    byteTime = Self.byteTime(at: bandwidth)
  }

  private static func byteTime(at bandwidth: Int64) -> UInt64 {
    (1_000_000_000 << 32) / UInt64(bandwidth)
  }

  /// How long a packet of so many bytes of payload takes on the wire.
  @inline(__always)
  func wireTime(of bytes: Int) -> Interval {
    let product = UInt64(bytes + Self.overhead).multipliedFullWidth(by: byteTime)
    return .nanoseconds(Int64(product.high << 32 | product.low >> 32))
  }

  // MARK: Bandwidth

  /// Limits it further; of several limits, the lowest holds.
  mutating func limit(to limit: Int64, at now: Instant) -> Rescaling? {
    limits.append(limit)
    return reconsiderBandwidth(at: now)
  }

  mutating func lift(_ limit: Int64, at now: Instant) -> Rescaling? {
    guard let place = limits.firstIndex(of: limit) else { return nil }
    limits.remove(at: place)
    return reconsiderBandwidth(at: now)
  }

  /// What becomes of the promises of an interface whose bandwidth changes: what is left to be sent, or received, is at
  /// the present speed.
  struct Rescaling {
    let before: Int64
    let after: Int64
    let now: Instant

    func callAsFunction(_ promised: Instant) -> Instant {
      guard promised > now else { return promised }
      let left = Int128((promised - now).nanoseconds) * Int128(before)
      return now + .nanoseconds(Int64((left + Int128(after) - 1) / Int128(after)))
    }
  }

  /// - Returns: `nil` if the bandwidth stays.
  private mutating func reconsiderBandwidth(at now: Instant) -> Rescaling? {
    let after = min(ownBandwidth, limits.min() ?? ownBandwidth)
    if after == bandwidth { return nil }
    let rescaled = Rescaling(before: bandwidth, after: after, now: now)
    bandwidth = after
    (freeAt, receivedAt) = (rescaled(freeAt), rescaled(receivedAt))
    return rescaled
  }

  // MARK: Sending

  /// Whether a packet may go to the ring at once.
  @inline(__always)
  func hasRoom(at now: Instant) -> Bool {
    turns.isEmpty && freeAt <= now + Self.ringDepth
  }

  /// Puts a packet into the ring, if it may go there at once.
  ///
  /// - Returns: when it has left.
  @inline(__always)
  mutating func transmitAtOnce(_ bytes: Int, at now: Instant) -> Instant? {
    hasRoom(at: now) ? transmit(bytes, at: now) : nil
  }

  /// When the ring will have room again for what waits.
  var nextService: Instant { freeAt - Self.ringDepth / 2 }

  /// Puts a packet into the ring.
  ///
  /// - Returns: when it has left.
  @inline(__always)
  mutating func transmit(_ bytes: Int, at now: Instant) -> Instant {
    freeAt = max(now, freeAt) + wireTime(of: bytes)
    return freeAt
  }

  /// Lets a packet wait for its flow's turn.
  mutating func enqueue(_ packet: Packet, flow key: UInt64) {
    let place: Int
    if let known = places[key] {
      place = known
    } else {
      place = freeFlows.popLast() ?? flows.count
      if place == flows.count { flows.append(Flow()) }
      places[key] = place
      turns.append((key, place))
    }
    flows[place].packets.append(packet)
    flows[place].bytes += packet.bytes
  }

  /// Bytes of this flow that wait.
  func waiting(flow key: UInt64) -> Int { places[key].map { flows[$0].bytes } ?? 0 }

  /// The next packet in turn, if the ring has room for it.
  mutating func dequeue(at now: Instant) -> Packet? {
    guard freeAt <= now + Self.ringDepth else { return nil }
    while let (key, place) = turns.first {
      guard let packet = flows[place].packets.first else {
        retire(key, place)
        continue
      }
      let size = packet.bytes + Self.overhead
      if flows[place].credit < size {
        flows[place].credit += Self.quantum
        turns.removeFirst()
        turns.append((key, place))
        continue
      }
      flows[place].credit -= size
      flows[place].packets.removeFirst()
      flows[place].bytes -= packet.bytes
      if flows[place].packets.isEmpty { retire(key, place) }
      return packet
    }
    return nil
  }

  private mutating func retire(_ key: UInt64, _ place: Int) {
    turns.removeFirst()
    places.removeValue(forKey: key)
    flows[place].credit = 0
    freeFlows.append(place)
  }

  /// Forgets what waits: the host is down.
  ///
  /// - Returns: the flights that never left.
  mutating func clear(at now: Instant) -> [Int] {
    let lost = turns.flatMap { flows[$0.place].packets.map(\.flight) }
    flows.removeAll()
    freeFlows.removeAll()
    places.removeAll()
    turns.removeAll()
    freeAt = now
    return lost
  }

  // MARK: Receiving

  /// Receives a packet whose last bit comes now, if the port is idle and no slower than the sender.
  ///
  /// - Parameter sending: how long it took on the sender's wire.
  /// - Returns: whether it is through.
  @inline(__always)
  mutating func receiveAtOnce(_ bytes: Int, sending: Interval, at now: Instant) -> Bool {
    guard arrivals.isEmpty else { return false }
    receivedAt = max(receivedAt, now - sending) + wireTime(of: bytes)
    return receivedAt <= now
  }

  /// Lets a packet wait at the port.
  ///
  /// - Returns: whether it is the first there, and somebody has to look after the port at ``receivedAt``.
  mutating func hold(_ flight: Int, bytes: Int) -> Bool {
    arrivals.append((flight, bytes))
    arrivingBytes += bytes
    return arrivals.count == 1
  }

  /// Whether a datagram that comes finds no room at the port.
  func isOverrun(by bytes: Int) -> Bool {
    !arrivals.isEmpty && arrivingBytes + bytes > Self.portLimit
  }

  /// Takes the first packet from the port, through which it is.
  ///
  /// - Returns: the packet, and whether somebody has to look after the port again at ``receivedAt``.
  mutating func receiveNext() -> (flight: Int, isFollowed: Bool)? {
    guard let (flight, bytes) = arrivals.popFirst() else { return nil }
    arrivingBytes -= bytes
    if let next = arrivals.first { receivedAt = receivedAt + wireTime(of: next.bytes) }
    return (flight, !arrivals.isEmpty)
  }
}
