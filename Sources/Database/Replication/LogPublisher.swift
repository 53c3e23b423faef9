import DequeModule
import Simulation
import Volume

/// The writer's end of replication: sends every reader the log, in whole mini-transactions, and how much of
/// it is durable.
///
/// ```
///   append ──▶ pending frames ──┬─(250 µs later, or at once when the VDL moved)──▶ every reader
///   began, ended ───────────────┘
///          └──▶ backlog: what is above the VDL, for readers that join later
/// ```
///
/// Commits never wait for a reader. A reader whose connection breaks is forgotten; it comes back with
/// an empty cache and starts from a fresh hello.
final class LogPublisher: ConnectionAcceptor, EventTarget {
  private let process: Process
  private let source: any LogSource
  private var subscribers: [Subscriber] = []
  private var pending = GatheringBuffer(capacity: 4096)
  private var isSending = false
  private var durable: DurablePoint
  /// Mini-transactions above the VDL.
  private var backlog = Deque<(last: LSN, bytes: [UInt8])>()
  /// Transactions that ended above the VDL.
  private var endings = Deque<(transaction: UInt64, lsn: LSN)>()
  /// Tables that a transaction in progress has locked for itself alone, in the order in which it did.
  private var lockedTables: [UInt32] = []
  /// What readers have told of themselves, one row each, in order of their names. A reader that has left
  /// stays for a while, with the time when it was last heard of.
  private(set) var members: [ReplicaStatus] = []
  /// The writer's own row.
  var ownStatus: (() -> ReplicaStatus)?
  /// Replication that does not get through.
  var failures = ReplicaFailures()
  /// The names of the readers that have attached from these hosts.
  private var names = LookupTable<Int, String>()
  private var heartbeats = 0
  /// What was durable at each full second of late; the first is what no reader may be behind.
  private var durablePoints = Deque<(instant: Instant, lsn: LSN)>()

  /// How long frames gather before they are sent: as long as the volume's driver takes to submit.
  private static let gatherTime = Interval.microseconds(250)
  /// How often readers hear of the VDL, although it stands still: their lag is measured against it.
  private static let heartbeat = Interval.milliseconds(100)
  /// After so many of them they hear of one another, too.
  private static let heartbeatsPerStatus = 10
  /// A reader whose oldest read point was durable so long ago is cut off, and begins anew: what is kept for its
  /// sake would fill the hot logs in the end. Aurora restarts a reader that has fallen behind too far,
  /// too; how far is not documented.
  static let longestLag = Interval.seconds(60)
  /// A reader that does not take the stream, or is not let have it, is cut off, too, when more bytes than these wait
  /// for it here: commits do not wait for readers, and memory is not endless. It begins anew when it can. A guess.
  static let longestQueue = 64 << 20
  private static let flushToken: UInt64 = 0
  private static let heartbeatToken: UInt64 = 1

  /// A reader, and what it has reported.
  private struct Subscriber {
    let connection: Connection
    var oldestTransaction: UInt64
    /// It reads pages as of no earlier point.
    var readPoint: LSN
    /// What is blocked, and has to go first.
    private(set) var held: [[UInt8]] = []
    private var heldBytes = 0

    init(connection: Connection, oldestTransaction: UInt64, readPoint: LSN) {
      self.connection = connection
      (self.oldestTransaction, self.readPoint) = (oldestTransaction, readPoint)
    }

    /// Bytes that wait for it here: blocked, or handed to a connection that has no room for them.
    var waitingBytes: Int { heldBytes + connection.queuedBytes }

    mutating func hold(_ bytes: [UInt8]) {
      held.append(bytes)
      heldBytes += bytes.count
    }

    mutating func sendHeld() {
      for piece in held { connection.send(piece) }
      (held, heldBytes) = ([], 0)
    }

    /// Nothing more is kept for it: it is told by a reset, and comes back.
    mutating func cutOff() {
      (held, heldBytes) = ([], 0)
      connection.abort()
    }
  }

  /// - Parameter port: on which readers attach.
  init(process: Process, source: any LogSource, port: UInt16) {
    (self.process, self.source) = (process, source)
    durable = source.durablePoint
    process.listen(on: port, self)
    process.schedule(after: Self.heartbeat, self, token: Self.heartbeatToken)
  }

  /// The oldest transaction that some reader may still have to see the past of; `UInt64.max` if none.
  var oldestTransaction: UInt64 {
    var oldest = UInt64.max
    for index in subscribers.indices { oldest = min(oldest, subscribers[index].oldestTransaction) }
    return oldest
  }

  /// The earliest point as of which some reader may read pages; above everything if there is none.
  var oldestReadPoint: LSN {
    var oldest = LSN(.max)
    for index in subscribers.indices { oldest = min(oldest, subscribers[index].readPoint) }
    return oldest
  }

  // MARK: What the writer reports

  func appended(_ range: ClosedRange<LSN>, _ bytes: [UInt8]) {
    backlog.append((range.upperBound, bytes))
    publish(.records(bytes))
  }

  func began(_ transaction: UInt64) { publish(.began(transaction: transaction)) }

  func ended(_ transaction: UInt64, at lsn: LSN) {
    endings.append((transaction, lsn))
    publish(.ended(transaction: transaction, lsn: lsn))
  }

  /// Readers lock a table that is about to be changed as long as the writer does.
  func locked(_ table: UInt32, _ isLocked: Bool) {
    if isLocked { lockedTables.append(table) } else { lockedTables.removeAll { $0 == table } }
    publish(.locked(table: table, isLocked: isLocked))
  }

  func becameDurable() {
    durable = source.durablePoint
    while !backlog.isEmpty, backlog[0].last <= durable.lsn { backlog.removeFirst() }
    while let first = endings.first, first.lsn <= durable.lsn { endings.removeFirst() }
    publish(.durable(durable))
    flush()
  }

  // MARK: Readers

  func accept(_ connection: Connection) {
    flush()
    var greeting = GatheringBuffer()
    let hello = ReplicationMessage.Hello(
      epoch: source.epoch, durable: durable, nextTransaction: source.nextTransaction,
      active: source.activeTransactions(asOf: durable.lsn))
    ReplicationMessage.hello(hello).encode(into: &greeting)
    for table in lockedTables {
      ReplicationMessage.locked(table: table, isLocked: true).encode(into: &greeting)
    }
    for chunk in backlog { ReplicationMessage.records(chunk.bytes).encode(into: &greeting) }
    for ending in endings {
      ReplicationMessage.ended(transaction: ending.transaction, lsn: ending.lsn)
        .encode(into: &greeting)
    }
    status.encode(into: &greeting)
    // A reader whose host has died without a word must not hold back what may be forgotten.
    connection.probeWhenIdle(after: .seconds(2), every: .seconds(1), count: 3)
    subscribers.append(
      Subscriber(
        connection: connection, oldestTransaction: hello.active.first ?? hello.nextTransaction,
        readPoint: durable.lsn))
    send(greeting.copy(), to: subscribers.count - 1)
    process.spawn { [self] in await listen(to: connection) }
  }

  /// Takes a reader's feedback until it leaves.
  private func listen(to connection: Connection) async {
    var frames = FrameReader()
    do {
      while true {
        frames.append(try await connection.receive())
        try frames.drain { body in
          switch try ReplicationMessage(body: body) {
          case .feedback(let readPoint, let oldest):
            guard let index = place(of: connection) else { break }
            subscribers[index].readPoint = readPoint
            subscribers[index].oldestTransaction = oldest
          case .status(let rows):
            for row in rows {
              names[connection.remote.host.index] = row.serverID
              note(row)
            }
          default: break
          }
        }
      }
    } catch {
      // The connection broke, the reader sent garbage, or this process ended: in any case it is gone.
      connection.abort()
      if let index = place(of: connection) { subscribers.remove(at: index) }
    }
  }

  private func place(of connection: Connection) -> Int? {
    subscribers.firstIndex { $0.connection === connection }
  }

  /// Takes in what a reader tells of itself.
  private func note(_ row: ReplicaStatus) {
    members.removeAll { $0.serverID == row.serverID }
    let place = members.firstIndex { $0.serverID > row.serverID } ?? members.endIndex
    members.insert(row, at: place)
  }

  /// The rows of all instances that have been heard of lately.
  private var status: ReplicationMessage {
    members.removeAll { ($0.lastUpdate ?? process.date) + ReplicaStatus.lifetime < process.date }
    var own = ownStatus?()
    own?.lastUpdate = process.date
    return .status([own].compactMap(\.self) + members)
  }

  /// Cuts off readers that have not moved on for too long.
  private func cutOffLaggards() {
    durablePoints.append((process.now, durable.lsn))
    while durablePoints.count > 1, durablePoints[1].instant + Self.longestLag <= process.now {
      durablePoints.removeFirst()
    }
    guard let first = durablePoints.first, first.instant + Self.longestLag <= process.now else {
      return
    }
    for subscriber in subscribers where subscriber.readPoint < first.lsn {
      subscriber.connection.abort()
    }
  }

  private func publish(_ message: ReplicationMessage) {
    guard !subscribers.isEmpty else { return }
    message.encode(into: &pending)
    if !isSending {
      isSending = true
      process.schedule(after: Self.gatherTime, self, token: Self.flushToken)
    }
  }

  private func flush() {
    guard pending.count > 0 else { return }
    let bytes = pending.copy()
    pending.removeAll()
    for index in subscribers.indices {
      // Who has been cut off stays until the task notices that listens to him.
      guard subscribers[index].connection.isOpen else { continue }
      send(bytes, to: index)
      guard subscribers[index].waitingBytes > Self.longestQueue else { continue }
      process.probe(DatabaseProbe.readerCutOff)
      subscribers[index].cutOff()
    }
  }

  /// Bytes that wait here for all readers together.
  var waitingBytes: Int { subscribers.reduce(0) { $0 + $1.waitingBytes } }

  /// Sends a piece of the stream, unless it is blocked: then it goes with the next one that is not.
  private func send(_ bytes: [UInt8], to index: Int) {
    let connection = subscribers[index].connection
    if failures.isEmpty, subscribers[index].held.isEmpty { return connection.send(bytes) }
    subscribers[index].hold(bytes)
    if failures.block(names[connection.remote.host.index], at: process.now) { return }
    subscribers[index].sendHeld()
  }

  func fire(_ token: UInt64) {
    if token == Self.heartbeatToken {
      durable.announced = process.date
      publish(.durable(durable))
      source.readersMoved()
      heartbeats += 1
      if heartbeats % Self.heartbeatsPerStatus == 0 {
        publish(status)
        cutOffLaggards()
      }
      process.schedule(after: Self.heartbeat, self, token: Self.heartbeatToken)
    } else {
      isSending = false
      flush()
    }
  }
}

/// What a publisher needs to know of the writer that it speaks for.
protocol LogSource: AnyObject {
  var epoch: VolumeEpoch { get }
  var durablePoint: DurablePoint { get }
  var nextTransaction: UInt64 { get }
  /// Transactions that had begun and not ended as of an LSN, ascending.
  func activeTransactions(asOf lsn: LSN) -> [UInt64]
  /// Readers may have moved on or left: what is kept for their sake can go.
  ///
  /// Told again and again, not only when something becomes durable: a volume whose hot logs are full
  /// of what a reader held back makes nothing durable until it hears that the reader is gone.
  func readersMoved()
}
