import DequeModule
import Simulation
import Volume

/// An instance while it is a reader: it follows a writer's stream, and shows the data as of the newest
/// durable point that it has applied.
///
/// When the stream breaks it goes on serving what it has, ever older, and tries to get back. A new stream
/// begins with a hello: what is cached may lack changes then, and is dropped.
final class ReaderMode {
  private(set) var engine: StorageEngine?
  private(set) var server: SessionServer?
  private(set) var state = ReplicaState()
  var onOpen: (() -> Void)?
  /// Told of each durable point from which on it shows the data.
  var onShow: ((LSN) -> Void)?
  /// What the reader can say of itself.
  var ownStatus: (() -> ReplicaStatus)?
  /// Replication that does not get through to here.
  var failures = ReplicaFailures()
  /// From the announcement of the newest durable point until it had been applied.
  private(set) var replayLatency = Interval.zero
  private var locks: ReplayLocks?
  /// What has arrived, and when, behind a table's lock that is waited for.
  private var held = Deque<(message: ReplicationMessage, received: Instant)>()
  private var isHeld = false
  /// Bytes of records in ``held``.
  private var heldBytes = 0
  /// Who reads the stream, while so much is held that no more of it is read.
  private var roomWait: WaitToken?
  /// Counts the hellos: what is held for an older stream is of no use any more.
  private var streams = 0
  /// The durable point that was shown last.
  private var shown = LSN.zero
  private let configuration: DatabaseInstance.Configuration
  /// Names this process of the reader among all that there ever were.
  let sessionID: String
  /// Why the stream broke last.
  private(set) var lastError: ReplicaStatus.TransportError?
  /// Bytes of the stream that have arrived.
  private var receivedBytes = 0
  private var streamRate: MeasuredRate
  private let process: Process
  private unowned let services: any InstanceServices
  private let source: ReplicaSource
  private var writer: Address?
  private var connection: Connection?
  /// Counts the writers that it was pointed at: a follower of an older number gives up.
  private var turn = 0
  private var feedbackSent = Instant.start
  private var statusSent = Instant.start

  /// Between two reports to the writer.
  private static let feedbackInterval = Interval.milliseconds(50)
  private static let statusInterval = Interval.seconds(1)
  /// Between two attempts to reach the writer.
  private static let retryInterval = Interval.milliseconds(500)
  /// When so many bytes are held behind a table's lock, no more are taken from the stream: they fill the connection's
  /// window, then the queue of the writer, and in the end that cuts off the reader. A guess.
  static let longestHeld = 16 << 20
  /// How long the stream may be silent, in which the writer would have announced ten durable points.
  private static let silenceLimit = Interval.seconds(1)

  init(
    _ configuration: DatabaseInstance.Configuration, in process: Process,
    services: any InstanceServices
  ) {
    (self.configuration, self.process, self.services) = (configuration, process, services)
    source = ReplicaSource(
      VolumeReader(process: process, geometry: configuration.geometry))
    streamRate = MeasuredRate(from: process.now)
    sessionID = Self.uuid(
      process.simulation.random("replica/\(process.host.name)/\(process.incarnation)"))
  }

  /// A random one, as RFC 9562 calls version 4.
  private static func uuid(_ random: RandomStream) -> String {
    let high = random.next() & ~0xF000 | 0x4000
    let low = random.next() & ~(0b11 << 62) | 0b10 << 62
    let digits = [high, low].map { word in
      let text = String(word, radix: 16)
      return String(repeating: "0", count: 16 - text.count) + text
    }.joined()
    var parts: [Substring] = []
    var rest = digits[...]
    for length in [8, 4, 4, 4, 12] {
      parts.append(rest.prefix(length))
      rest = rest.dropFirst(length)
    }
    return parts.joined(separator: "-")
  }

  /// How much of the stream comes in, in KiB per second.
  var streamSpeed: Double { streamRate(receivedBytes, at: process.now) / 1024 }

  /// Pages that it has asked the volume for.
  var reads: ReplicaStatus.PageReads {
    ReplicaStatus.PageReads(
      all: source.reader.readCount, pending: source.reader.pendingReadCount)
  }

  /// How old the data that it shows may be, as it can tell itself: by the wall clocks of two hosts.
  var lag: Interval { max(.zero, process.date - state.durable.announced) }

  /// Attaches to a writer; nothing changes if it is attached there.
  func follow(_ writer: Address?) {
    guard writer != self.writer else { return }
    self.writer = writer
    turn += 1
    breakOff()
    guard let writer else { return }
    let turn = turn
    process.spawn { [self] in
      while self.turn == turn {
        do {
          try await stream(from: writer, turn)
        } catch let error as ProcessEnded {
          throw error
        } catch {
          guard self.turn == turn else { return }
          connection?.abort()
          lastError = ReplicaStatus.TransportError(error, at: process.date)
          process.probe(DatabaseProbe.readerReattached)
          try await process.sleep(for: Self.retryInterval)
        }
      }
    }
  }

  /// Ends sessions and stream, to make way for a writer in the same process.
  func leave() {
    turn += 1
    // Who waits for a table's lock goes on in this process, and must not show anything any more.
    forgetHeld()
    onShow = nil
    breakOff()
    server?.shutDown()
    process.unbind(configuration.databasePort)
  }

  private func breakOff() {
    connection?.abort()
    wakeStream()
  }

  private func wakeStream() {
    if let roomWait { process.wake(roomWait) }
  }

  private func stream(from writer: Address, _ turn: Int) async throws {
    let connection = try await process.connect(to: writer, timeout: .seconds(2))
    // Meanwhile it may have been pointed at another writer, or have become the writer itself.
    guard self.turn == turn else { return connection.abort() }
    self.connection = connection
    statusSent = .start
    var frames = FrameReader()
    var heard = process.now
    while true {
      let bytes = try await connection.receive(until: heard + Self.silenceLimit)
      receivedBytes += bytes.count
      frames.append(bytes)
      if failures.block(nil, at: process.now) {
        // What is blocked is taken in with the next piece that is not, if that comes in time.
        guard process.now < heard + Self.silenceLimit else { throw ConnectionError.timedOut }
        continue
      }
      heard = process.now
      try frames.drain { try take(try ReplicationMessage(body: $0)) }
      report(to: connection)
      while heldBytes > Self.longestHeld, connection.isOpen {
        try await process.suspend { roomWait = $0 }
        roomWait = nil
        heard = process.now
      }
    }
  }

  private func forgetHeld() {
    streams += 1
    held.removeAll()
    (isHeld, heldBytes) = (false, 0)
  }

  private func take(_ message: ReplicationMessage) throws {
    if case .hello = message {
      forgetHeld()
    }
    guard isHeld else { return try replay(message, process.now) }
    held.append((message, process.now))
    heldBytes += message.recordBytes
  }

  private func replay(_ message: ReplicationMessage, _ received: Instant) throws {
    switch message {
    case .locked(let table, true):
      if let locks, let number = locks.lock(table) { hold(for: number, of: locks, received) }
      return
    case .locked(let table, false):
      locks?.unlock(table)
      return
    default: break
    }
    switch try state.receive(message) {
    case .nothing: break
    case .reset:
      open()
      advance()
    case .advance:
      while let records = state.takeNext() { try engine?.apply(records) }
      advance()
    }
  }

  /// Keeps what follows until a table is locked.
  private func hold(for number: Int32, of locks: ReplayLocks, _ received: Instant) {
    isHeld = true
    let stream = streams
    process.spawn { [self] in
      try await locks.wait(for: number, since: received)
      guard streams == stream else { return }
      isHeld = false
      do {
        while !isHeld, let (message, received) = held.popFirst() {
          heldBytes -= message.recordBytes
          try replay(message, received)
        }
        wakeStream()
      } catch {
        // What came is garbage: the stream is begun anew.
        breakOff()
      }
    }
  }

  /// Shows the data as of the durable point, up to which everything has been applied.
  private func advance() {
    source.groupTails = state.durable.groupTails
    engine?.advance(to: state.durable.lsn, snapshot: snapshot)
    // A durable point that is announced again, so that the lag is known to be small, shows nothing new.
    guard state.durable.lsn > shown else { return }
    shown = state.durable.lsn
    replayLatency = lag
    onShow?(shown)
  }

  private var snapshot: Snapshot {
    Snapshot(high: TransactionID(state.nextTransaction), active: state.active)
  }

  /// Begins with an empty cache at the point of the hello. Sessions of before go: what they were reading
  /// is gone.
  private func open() {
    source.reader.epoch = state.epoch
    source.groupTails = state.durable.groupTails
    shown = state.durable.lsn
    let isFirst = server == nil
    server?.shutDown()
    process.unbind(configuration.databasePort)
    let engine = StorageEngine.openReader(
      process: process, source: source, poolCapacity: configuration.poolCapacity,
      at: state.durable.lsn, snapshot: snapshot)
    let server = SessionServer(
      process: process, engine: engine, services: services,
      maximumConnections: configuration.maximumConnections,
      standbyDelay: configuration.standbyDelay)
    (self.engine, self.server) = (engine, server)
    locks = ReplayLocks(process: process, engine: engine, server: server)
    process.listen(on: configuration.databasePort, server)
    if isFirst { onOpen?() }
    onShow?(shown)
  }

  private func report(to connection: Connection) {
    guard process.now - feedbackSent >= Self.feedbackInterval, let engine else { return }
    feedbackSent = process.now
    var report = GatheringBuffer()
    ReplicationMessage.feedback(
      readPoint: min(state.durable.lsn, engine.oldestReadPoint),
      oldestTransaction: engine.oldestTransactionNeeded.value
    ).encode(into: &report)
    if statusSent == .start || process.now - statusSent >= Self.statusInterval {
      statusSent = process.now
      var own = ownStatus?()
      own?.lastUpdate = process.date
      ReplicationMessage.status([own].compactMap(\.self)).encode(into: &report)
    }
    connection.send(report.copy())
  }
}

extension ReplicationMessage {
  /// Bytes of the log in it.
  fileprivate var recordBytes: Int { if case .records(let bytes) = self { bytes.count } else { 0 } }
}

/// Reads pages at the reader's durable points, and knows how complete a copy must be for them.
private final class ReplicaSource: ReadableVolume {
  let reader: VolumeReader
  var groupTails: [LSN] = []

  init(_ reader: VolumeReader) { self.reader = reader }

  func read(_ page: PageNumber, at readPoint: LSN) async throws -> [UInt8] {
    try await reader.read(page, at: readPoint, groupTails: groupTails)
  }
}
