import DequeModule

/// The interface of a host to the network: one packet after another, at its bandwidth.
///
/// ```
///   packet ──▶ driver's ring: first come, first served, at most `ringDepth` of sending ──▶ wire
///      └─────▶ a queue for each flow, while the ring is full ── in turns ──▶ ring
/// ```
///
/// Flows that all have something to send get the same share of the bytes, whatever the size of their
/// packets; one that has less to send than its share is never held up by the others for longer than a
/// turn.
///
/// Source: deficit round robin, Shreedhar and Varghese, SIGCOMM 1995; the short ring under fair queues is
/// how Linux does it (byte queue limits under `fq`).
struct NetworkInterface {
  /// A packet on its way to the wire.
  struct Packet {
    /// Its place among the network's flights.
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

  /// In bytes per second: its own, or the lowest limit.
  private(set) var bandwidth: Int64
  private let ownBandwidth: Int64
  /// That faults have set, in bytes per second.
  var limits: [Int64] = [] {
    didSet { bandwidth = min(ownBandwidth, limits.min() ?? ownBandwidth) }
  }
  /// When the last packet given to the ring has left.
  private(set) var freeAt = Instant.start
  /// Whether somebody is to look after the queues later.
  var isServed = false
  private var flows: [Flow] = []
  private var freeFlows: [Int] = []
  private var places = LookupTable<UInt64, Int>()
  /// Flows that have packets, in order of their turns.
  private var turns = Deque<(key: UInt64, place: Int)>()

  private static let ringDepth = Interval.microseconds(100)
  /// Bytes that a flow may send in a turn: an Ethernet frame's worth for the smallest share of time.
  private static let quantum = 1514
  /// Ethernet, IP and transport headers of a packet, in bytes.
  private static let overhead = 66
  /// What a flow of datagrams may have waiting here: the default send buffer of a Linux socket.
  static let datagramLimit = 212_992

  init(bandwidth: Int64) { (self.bandwidth, ownBandwidth) = (bandwidth, bandwidth) }

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
    let wire = Interval.nanoseconds(Int64(bytes + Self.overhead) * 1_000_000_000 / bandwidth)
    freeAt = max(now, freeAt) + wire
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
}
