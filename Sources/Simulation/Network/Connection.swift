import DequeModule

/// One end of an ordered, reliable stream of bytes between two processes: what TCP gives.
///
/// ```
///   send ──▶ outbox ──▶ in the air ──▶ peer's inbox ──▶ receive
///               ▲             │ lost, or nobody home
///               └── RTO ◀─────┘  200 ms, doubling to 60 s
/// ```
///
/// A lost segment holds up those behind it, as retransmission does. When a process ends, its host
/// resets its connections; when a host dies, nothing is said, and the peer learns of it only by
/// running into a reset from the rebooted host, or by running out of patience.
public final class Connection {
  public let process: Process
  public let local: Address
  public let remote: Address
  /// Cleared by the peer itself when it goes: a weak reference would make every retain of it slower.
  private(set) unowned(unsafe) var peer: Connection?
  private var state = State.open
  private var inbox = Deque<[UInt8]>()
  private var reader: WaitToken?

  private var outbox = Deque<Segment>()
  /// When the last segment that left arrives: none may overtake it.
  var lastArrival = Instant.start
  private let flow: UInt64
  private var retransmitTimeout = initialTimeout
  private var stalledSince: Instant?
  private var keepAlive: KeepAlive?

  private static let initialTimeout = Interval.milliseconds(200)
  private static let longestTimeout = Interval.seconds(60)
  /// How long unacknowledged data is retransmitted: about what Linux does with `tcp_retries2` = 15.
  private static let patience = Interval.seconds(924)

  enum State: Equatable {
    case open
    /// This end has said that it will send no more.
    case closing
    case failed(ConnectionError)
  }

  enum Segment {
    case data([UInt8])
    case finish
    case reset
  }

  init(process: Process, local: Address, remote: Address) {
    (self.process, self.local, self.remote) = (process, local, remote)
    flow = process.host.network.newFlow()
    process.connections.append(self)
  }

  deinit { peer?.peer = nil }

  static func join(_ client: Connection, _ server: Connection) {
    client.peer = server
    server.peer = client
  }

  public var isOpen: Bool { state == .open && process.isAlive }

  // MARK: Using it

  /// Sends bytes; they go nowhere if the connection is no longer open.
  public func send(_ bytes: [UInt8]) {
    guard isOpen, !bytes.isEmpty else { return }
    transmit(.data(bytes))
  }

  /// The next bytes from the other end, never none.
  ///
  /// - Throws: ``ConnectionError``, or ``ProcessEnded``.
  public func receive(until deadline: Instant = .distantFuture) async throws -> [UInt8] {
    while true {
      if let bytes = inbox.popFirst() { return bytes }
      if case .failed(let error) = state { throw error }
      if state == .closing { throw ConnectionError.closed }
      if process.now >= deadline { throw ConnectionError.timedOut }
      precondition(reader == nil, "two tasks read from one connection")
      if deadline == .distantFuture {
        try await process.suspend { reader = $0 }
      } else {
        let alarm = try await process.suspend(until: deadline) { reader = $0 }
        process.host.loop.cancel(alarm)
      }
      reader = nil
    }
  }

  /// Says goodbye after what has been sent; the peer reads all of it and then ``ConnectionError/closed``.
  public func close() {
    guard state == .open else { return }
    transmit(.finish)
    state = .closing
    leave()
    wakeReader()
  }

  /// Ends it at once: what is unread at either end is lost.
  public func abort() {
    guard state == .open || state == .closing else { return }
    outbox.removeAll()
    transmit(.reset)
    fail(.reset)
  }

  /// Probes a silent peer, so that a dead one is noticed although there is nothing to send.
  ///
  /// - Parameters:
  ///   - idle: how long nothing must have been heard before the first probe.
  ///   - count: how many probes in a row may fail before the connection is given up.
  public func probeWhenIdle(after idle: Interval, every interval: Interval, count: Int) {
    keepAlive = KeepAlive(
      idle: idle, interval: interval, count: count,
      heard: process.host.loop.now)
    schedule(after: idle, Self.probe)
  }

  // MARK: The transport

  private static let retransmit: UInt64 = 0
  private static let probe: UInt64 = 1
  private static let refusal: UInt64 = 2

  private struct KeepAlive {
    let idle: Interval
    let interval: Interval
    let count: Int
    var heard: Instant
    var failures = 0
  }

  /// Timers of the transport are the host's: they go on while the process is paused.
  private func schedule(after interval: Interval, _ token: UInt64) {
    process.host.loop.schedule(after: interval, self, token: token)
  }

  private func transmit(_ segment: Segment) {
    if outbox.isEmpty, launch(segment) { return }
    outbox.append(segment)
    stall()
  }

  /// Tries to get a segment on its way.
  private func launch(_ segment: Segment) -> Bool {
    let departure = process.host.network.send(
      .segment(segment, from: self), from: process.host, to: remote.host, bytes: segment.count,
      flow: flow)
    if departure == .refused { schedule(after: .zero, Self.refusal) }
    return departure != .lost
  }

  private func stall() {
    guard stalledSince == nil else { return }
    stalledSince = process.host.loop.now
    retransmitTimeout = Self.initialTimeout
    schedule(after: retransmitTimeout, Self.retransmit)
  }

  /// A segment sent by this end reaches the other host.
  func arrive(_ segment: Segment) {
    let network = process.host.network
    let target = network.host(remote.host)
    guard target.isUp else { return sendAgain(segment) }
    guard let peer, peer.process.isAlive, !peer.isFailed else {
      if case .reset = segment { return }
      // The other host knows nothing of this connection, and says so.
      let answer = network.send(
        .reset(of: self), from: target, to: process.host.id, bytes: 0, flow: flow)
      if answer != .sent { sendAgain(.data([])) }
      return
    }
    peer.take(segment)
  }

  private func sendAgain(_ segment: Segment) {
    guard process.isAlive, !isFailed else { return }
    outbox.append(segment)
    stall()
  }

  /// The other host has answered that it knows nothing of this connection.
  func learnOfReset() { fail(.reset) }

  private func take(_ segment: Segment) {
    keepAlive?.heard = process.host.loop.now
    keepAlive?.failures = 0
    switch segment {
    case .data(let bytes):
      if !bytes.isEmpty { inbox.append(bytes) }
    case .finish:
      fail(.closed)
    case .reset:
      inbox.removeAll()
      fail(.reset)
    }
    wakeReader()
  }

  private var isFailed: Bool {
    if case .failed = state { return true }
    return false
  }

  private func fail(_ error: ConnectionError) {
    guard !isFailed else { return }
    state = .failed(error)
    outbox.removeAll()
    leave()
    wakeReader()
  }

  private func leave() { process.connections.removeAll { $0 === self } }

  private func wakeReader() {
    if let token = reader {
      reader = nil
      process.wake(token)
    }
  }

  /// Called when the process ends and its host lives on: the kernel resets what it left open.
  fileprivate func resetByKernel() {
    guard !isFailed else { return }
    _ = launch(.reset)
    state = .failed(.reset)
  }

  fileprivate func resetByMiddlebox() {
    peer?.fail(.reset)
    fail(.reset)
  }
}

extension Connection: EventTarget {
  public func fire(_ token: UInt64) {
    guard process.isAlive, !isFailed else { return }
    switch token {
    case Self.probe: fireProbe()
    case Self.refusal: fail(.reset)
    default: fireRetransmit()
    }
  }

  private func fireRetransmit() {
    while let segment = outbox.first, launch(segment) { outbox.removeFirst() }
    guard !outbox.isEmpty, let since = stalledSince else {
      stalledSince = nil
      return
    }
    if process.host.loop.now - since > Self.patience { return fail(.timedOut) }
    retransmitTimeout = min(retransmitTimeout * 2, Self.longestTimeout)
    schedule(after: retransmitTimeout, Self.retransmit)
  }

  private func fireProbe() {
    guard var state = keepAlive, self.state == .open else { return }
    let network = process.host.network
    let now = process.host.loop.now
    let silence = now - state.heard
    if silence < state.idle { return schedule(after: state.idle - silence, Self.probe) }
    let target = network.host(remote.host)
    // A probe and its answer, judged at once: both are empty segments that leave no trace if they pass.
    let reached = network.wouldPass(from: process.host, to: target)
    let answered = network.wouldPass(from: target, to: process.host)
    if reached, answered, target.isUp {
      guard let peer, peer.process.isAlive, !peer.isFailed else { return fail(.reset) }
      state.heard = now
      state.failures = 0
    } else {
      state.failures += 1
      if state.failures >= state.count { return fail(.timedOut) }
    }
    keepAlive = state
    schedule(after: state.failures > 0 ? state.interval : state.idle, Self.probe)
  }
}

extension Connection.Segment {
  var count: Int { if case .data(let bytes) = self { bytes.count } else { 0 } }
}

extension Process {
  /// What the kernel of a host does with the sockets of a process that has ended.
  func resetConnections() {
    for connection in connections { connection.resetByKernel() }
    connections.removeAll()
  }

  /// Resets the connections to other hosts, at both ends: a middlebox has dropped its state.
  ///
  /// - Returns: how many there were.
  func resetConnections(to hosts: [HostID]) -> Int {
    let affected = connections.filter { hosts.contains($0.remote.host) }
    for connection in affected { connection.resetByMiddlebox() }
    return affected.count
  }
}
