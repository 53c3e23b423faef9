import DequeModule

/// One end of an ordered, reliable stream of bytes between two processes: what TCP gives.
///
/// ```
///   send ──▶ outbox ──▶ in the air ──▶ peer's inbox ──▶ receive
///               ▲  ▲          │ lost, or nobody home        │
///               │  └── RTO ◀──┘  200 ms, doubling to 60 s   │
///               └── what the window has no room for ◀───────┘ a message, when there is room again
/// ```
///
/// The receiver has a window: so many bytes may be in the air and unread together. As long as a sender stays below it, it
/// knows what has been read as if acknowledgements took no time, and none are sent; once it has run into the window, it
/// hears of room by a packet. What it may not send waits in its outbox; whoever can wait looks at ``isCongested`` and calls
/// ``waitForRoom(_:)``, others bound ``queuedBytes`` in their own way.
///
/// A lost segment holds up those behind it, as retransmission does. When a process ends, its host
/// resets its connections; when a host dies, nothing is said, and the peer learns of it only by
/// running into a reset from the rebooted host, or by running out of patience. What a process has sent
/// before it said goodbye is the host's to deliver, though the process ends.
public final class Connection {
  public let process: Process
  public let local: Address
  public let remote: Address
  /// Cleared by the peer itself when it goes: a weak reference would make every retain of it slower.
  private var other: Unmanaged<Connection>?
  private var peer: Connection? { other?.takeUnretainedValue() }
  private var state = State.open
  private var inbox = Deque<[UInt8]>()
  /// Bytes that have arrived and nobody has read.
  private var unread = 0
  /// Bytes that have been read.
  private var taken = 0
  /// Bytes that may be in the air towards here and unread, together.
  private var window = smallestWindow
  /// Whether the sender is being told that there is room again.
  private var isRoomTold = false
  private var reader: WaitToken?

  private var outbox = Deque<Segment>()
  /// Bytes that wait at this end to be sent.
  public private(set) var queuedBytes = 0
  /// Bytes that have left, without those that came back.
  private var sent = 0
  /// Whether the peer's window has no room for what is first in the outbox.
  private var isBlocked = false
  private var isRoomProbed = false
  private var roomProbeDelay = initialTimeout
  private var writer: WaitToken?
  /// When the last segment that left arrives: none may overtake it.
  var lastArrival = Instant.start
  private let flow: UInt64
  private var retransmitTimeout = initialTimeout
  private var stalledSince: Instant?
  private var keepAlive: KeepAlive?
  /// Since when probes of the peer's window have come to nothing.
  private var unansweredSince: Instant?
  /// Counts how often the host had come up when this began.
  private let boot: Int

  private static let initialTimeout = Interval.milliseconds(200)
  private static let longestTimeout = Interval.seconds(60)
  /// How long unacknowledged data is retransmitted: about what Linux does with `tcp_retries2` = 15.
  private static let patience = Interval.seconds(924)
  /// Of a reader that does not keep up, and of one that is waited for although it does. Half of the default and of the
  /// largest of `tcp_rmem` in Linux (131,072 and 6,291,456 bytes); the other half is for its bookkeeping.
  private static let smallestWindow = 65_536
  private static let largestWindow = 3_145_728
  /// What a writer may leave behind and go on: the default send buffer of a Linux socket (`net.core.wmem_default`).
  private static let sendBuffer = 212_992

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
    (flow, boot) = (process.host.network.newFlow(), process.host.bootCount)
    process.connections.append(self)
  }

  deinit { other?._withUnsafeGuaranteedRef { $0.other = nil } }

  static func join(_ client: Connection, _ server: Connection) {
    client.other = .passUnretained(server)
    server.other = .passUnretained(client)
  }

  public var isOpen: Bool { state == .open && process.isAlive }

  // MARK: Using it

  /// Sends bytes, or queues them until the peer's window has room; they go nowhere if the connection is no longer open.
  public func send(_ bytes: [UInt8]) {
    guard isOpen, !bytes.isEmpty else { return }
    transmit(.data(bytes))
  }

  /// Whether so much waits to be sent that a writer had better wait.
  public var isCongested: Bool { queuedBytes > Self.sendBuffer }

  /// Waits until less waits to be sent, until the connection fails, or until somebody wakes the task; look again
  /// afterwards.
  ///
  /// - Parameter register: is given what wakes the task earlier.
  /// - Throws: ``ProcessEnded``.
  public func waitForRoom(_ register: (WaitToken) -> Void = { _ in }) async throws(ProcessEnded) {
    guard isCongested else { return }
    precondition(writer == nil, "two tasks wait for room in one connection")
    try await process.suspend {
      writer = $0
      register($0)
    }
    writer = nil
  }

  /// The next bytes from the other end, never none.
  ///
  /// - Throws: ``ConnectionError``, or ``ProcessEnded``.
  public func receive(until deadline: Instant = .distantFuture) async throws -> [UInt8] {
    while true {
      if let bytes = inbox.popFirst() {
        noteRead(bytes.count)
        return bytes
      }
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
    clearOutbox()
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
  private static let roomProbe: UInt64 = 3

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
    if outbox.isEmpty, fitsWindow(segment) {
      if launch(segment) { return }
      enqueue(segment)
      stall()
    } else {
      enqueue(segment)
      if !isBlocked, stalledSince == nil { block() }
    }
  }

  private func enqueue(_ segment: Segment) {
    outbox.append(segment)
    queuedBytes += segment.count
  }

  private func clearOutbox() {
    outbox.removeAll()
    queuedBytes = 0
    isBlocked = false
  }

  /// Sends what is in the outbox, as far as the window and the network let it.
  private func drain() {
    isBlocked = false
    while let segment = outbox.first {
      guard fitsWindow(segment) else {
        block()
        break
      }
      guard launch(segment) else {
        stall()
        break
      }
      outbox.removeFirst()
      queuedBytes -= segment.count
    }
    wakeWriter()
  }

  /// Tries to get a segment on its way.
  private func launch(_ segment: Segment) -> Bool {
    let departure = process.host.network.send(
      .segment(segment, from: self), from: process.host, to: remote.host, bytes: segment.count,
      flow: flow)
    if departure == .refused { schedule(after: .zero, Self.refusal) }
    if departure == .lost { return false }
    sent += segment.count
    return true
  }

  private func stall() {
    guard stalledSince == nil else { return }
    stalledSince = process.host.loop.now
    retransmitTimeout = Self.initialTimeout
    schedule(after: retransmitTimeout, Self.retransmit)
  }

  /// A segment sent by this end reaches the other host.
  func arrive(_ segment: Segment) {
    guard process.host.network.isUp(remote.host) else { return sendAgain(segment) }
    let isTaken =
      other?._withUnsafeGuaranteedRef { peer in
        guard peer.process.isAlive, !peer.isFailed else { return false }
        peer.take(segment)
        return true
      } ?? false
    if !isTaken { refuse(segment) }
  }

  /// The other host knows nothing of this connection, and says so.
  private func refuse(_ segment: Segment) {
    if case .reset = segment { return }
    let network = process.host.network
    let answer = network.send(
      .reset(of: self), from: network.host(remote.host), to: process.host.id, bytes: 0, flow: flow)
    if answer != .sent { sendAgain(.data([])) }
  }

  private func sendAgain(_ segment: Segment) {
    guard isCarried else { return }
    sent -= segment.count
    enqueue(segment)
    stall()
  }

  /// The other host has answered that it knows nothing of this connection.
  func learnOfReset() { fail(.reset) }

  private func take(_ segment: Segment) {
    keepAlive?.heard = process.host.loop.now
    keepAlive?.failures = 0
    switch segment {
    case .data(let bytes):
      if !bytes.isEmpty {
        inbox.append(bytes)
        unread += bytes.count
      }
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
    clearOutbox()
    leave()
    wakeReader()
    wakeWriter()
  }

  /// Whether anybody still sees to it that what was sent arrives: of what its process has closed, the host does until it
  /// loses power.
  private var isCarried: Bool {
    if isFailed { return false }
    return process.isAlive
      || state == .closing && process.host.isUp && process.host.bootCount == boot
  }

  private func leave() { process.connections.removeAll { $0 === self } }

  private func wakeReader() {
    if let token = reader {
      reader = nil
      process.wake(token)
    }
  }

  private func wakeWriter() {
    if let token = writer, !isCongested {
      writer = nil
      process.wake(token)
    }
  }

  // MARK: The window

  /// Whether the peer's window has room for a segment. An empty window takes one of any size.
  private func fitsWindow(_ segment: Segment) -> Bool {
    let count = segment.count
    guard count > 0, let other else { return true }
    return other._withUnsafeGuaranteedRef {
      sent == $0.taken || sent - $0.taken + count <= $0.window
    }
  }

  /// Waits to hear that the peer's window has room.
  private func block() {
    isBlocked = true
    guard !isRoomProbed else { return }
    isRoomProbed = true
    roomProbeDelay = Self.initialTimeout
    schedule(after: roomProbeDelay, Self.roomProbe)
  }

  /// Whether a sender that waits should be told: half of the window is free, so that it need not wait again at once.
  private var hasRoomToTell: Bool { unread <= window / 2 }

  private func noteRead(_ bytes: Int) {
    taken += bytes
    unread -= bytes
    guard let other, other._withUnsafeGuaranteedRef({ $0.isBlocked }) else { return }
    tellOfRoom()
  }

  private func tellOfRoom() {
    guard let peer, !isRoomTold, hasRoomToTell else { return }
    // The sender has been held up although the reader keeps up: the window is the limit.
    if unread == 0 { window = min(window * 2, Self.largestWindow) }
    let departure = process.host.network.send(
      .room(for: peer), from: process.host, to: remote.host, bytes: 0, flow: flow)
    isRoomTold = departure == .sent
  }

  /// The peer's message that its window has room arrives.
  func learnOfRoom() {
    peer?.isRoomTold = false
    guard isCarried, isBlocked else { return }
    unansweredSince = nil
    drain()
  }

  /// The message may have been lost: asks, judged at once as ``fireProbe()`` does.
  private func fireRoomProbe() {
    isRoomProbed = false
    guard isBlocked else { return }
    let network = process.host.network
    let target = network.host(remote.host)
    let reached = network.wouldPass(from: process.host, to: target)
    let answered = network.wouldPass(from: target, to: process.host)
    if reached, answered, target.isUp {
      guard let peer, peer.process.isAlive, !peer.isFailed else { return fail(.reset) }
      unansweredSince = nil
      if peer.hasRoomToTell { drain() }
    } else {
      let since = unansweredSince ?? process.host.loop.now
      unansweredSince = since
      if process.host.loop.now - since > Self.patience { return fail(.timedOut) }
    }
    guard isBlocked, !isRoomProbed else { return }
    isRoomProbed = true
    roomProbeDelay = min(roomProbeDelay * 2, Self.longestTimeout)
    schedule(after: roomProbeDelay, Self.roomProbe)
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
    guard isCarried else { return }
    switch token {
    case Self.probe: fireProbe()
    case Self.refusal: fail(.reset)
    case Self.roomProbe: fireRoomProbe()
    default: fireRetransmit()
    }
  }

  private func fireRetransmit() {
    drain()
    guard !outbox.isEmpty, !isBlocked, let since = stalledSince else {
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
