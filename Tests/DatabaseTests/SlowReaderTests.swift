import Simulation
import Testing

@testable import Database
@testable import Volume

/// A reader's end of the stream and a writer's, with nothing behind either of them.
@Suite struct `A reader that does not take the stream` {
  private final class Source: LogSource {
    let epoch = VolumeEpoch(number: 1, opener: 1)
    let nextTransaction: UInt64 = 1
    var durable = LSN(7)
    var durablePoint: DurablePoint {
      DurablePoint(lsn: durable, groupTails: [durable], announced: Instant.start)
    }

    func activeTransactions(asOf lsn: LSN) -> [UInt64] { [] }
    func readersMoved() {}
  }

  /// A writer that appends records of 60,000 bytes, and a reader that follows it.
  private final class Pair {
    let bench = SessionBench()
    let writer: Process
    let reader: Process
    let source = Source()
    let publisher: LogPublisher
    private(set) var mode: ReaderMode?
    private(set) var mostWaiting = 0
    private(set) var appended = 0

    init() {
      let zone = bench.simulation.addRegion("us-west-2", zones: ["a"]).zones[0]
      let writerHost = bench.simulation.addHost("w", in: zone, capacity: 4)
      let readerHost = bench.simulation.addHost("r", in: zone, capacity: 4)
      (writer, reader) = (writerHost.start("engine"), readerHost.start("engine"))
      publisher = LogPublisher(process: writer, source: source, port: 7100)
      let members = (0..<6).map { _ in Address(host: writerHost.id, port: 7000) }
      let configuration = DatabaseInstance.Configuration(
        identifier: "r", number: 1,
        geometry: VolumeGeometry(quorum: .aurora, members: [members]), databasePort: 5432,
        replicationPort: 7100)
      let mode = ReaderMode(configuration, in: reader, services: bench)
      self.mode = mode
      let address = Address(host: writerHost.id, port: 7100)
      reader.spawn { mode.follow(address) }
      run(for: .seconds(1))
    }

    func run(for interval: Interval) {
      bench.simulation.loop.run(until: bench.simulation.now + interval)
    }

    /// Appends records until so many bytes have been, makes them durable, and lets time pass.
    func write(_ bytes: Int) {
      let goal = appended + bytes
      let edits = [UInt8](repeating: 1, count: 60_000)
      while appended < goal {
        let lsn = source.durable.next
        var record = [UInt8](repeating: 0, count: LogRecord.headerSize + edits.count)
        record.withUnsafeMutableBytes { target in
          edits.withUnsafeBytes {
            LogRecord.encode(
              lsn: lsn, previousInGroup: source.durable, previousOfPage: .zero,
              page: PageNumber(3), isConsistencyPoint: true, edits: $0, into: target)
          }
        }
        publisher.appended(lsn...lsn, record)
        source.durable = lsn
        publisher.becameDurable()
        appended += edits.count
        mostWaiting = max(mostWaiting, publisher.waitingBytes)
        run(for: .milliseconds(1))
        mostWaiting = max(mostWaiting, publisher.waitingBytes)
      }
    }

    var timesCutOff: Int {
      bench.simulation.probes.count(of: DatabaseProbe.readerCutOff.rawValue)
    }
    var shown: LSN? { mode?.state.durable.lsn }
  }

  /// Whether it is its own fault, or the stream to it is blocked.
  @Test(arguments: [false, true])
  func `is cut off at 64 MiB, and comes back by itself`(isBlocked: Bool) {
    let pair = Pair()
    let before = pair.shown
    if isBlocked {
      pair.publisher.failures.add(
        ReplicaFailure(
          id: 1, share: 1, replica: nil, end: pair.writer.now + .seconds(10),
          random: pair.bench.simulation.random("failure")))
    }
    // It does not even notice that nothing comes.
    pair.reader.pause()
    pair.write(60 << 20)
    let timesTooEarly = pair.timesCutOff
    let heldBack = pair.publisher.oldestReadPoint
    pair.write(20 << 20)
    let times = pair.timesCutOff
    let waiting = pair.publisher.waitingBytes
    let mostWaiting = pair.mostWaiting
    let oldest = pair.publisher.oldestReadPoint
    pair.run(for: .seconds(10))
    pair.reader.resume()
    pair.run(for: .seconds(3))
    let shown = pair.shown
    let reattached =
      pair.bench.simulation.probes.count(of: DatabaseProbe.readerReattached.rawValue)
    pair.bench.simulation.shutDown()
    #expect(before == LSN(7))
    #expect(timesTooEarly == 0 && heldBack <= LSN(8), "\(heldBack)")
    #expect(times == 1)
    #expect(waiting == 0 && oldest == LSN(.max), "\(waiting) bytes, \(oldest)")
    #expect((63 << 20...64 << 20).contains(mostWaiting), "\(mostWaiting)")
    // It is told by a reset, and asks for a new stream.
    #expect(reattached == 1)
    #expect(shown == pair.source.durable)
  }

  /// What follows a table's lock cannot be applied before a statement there has ended.
  @Test func `lets the writer keep what it cannot apply`() throws {
    let pair = Pair()
    let engine = try #require(pair.mode?.engine)
    let table: UInt32 = 77
    let statement = Transaction(isolation: .readCommitted, processID: 1)
    #expect(engine.locks.tryHold(table, .accessShare, for: statement))
    let start = pair.shown
    pair.publisher.locked(table, true)
    pair.write(40 << 20)
    let (waiting, shown) = (pair.publisher.waitingBytes, pair.shown)
    engine.locks.releaseAll(of: statement)
    pair.run(for: .seconds(2))
    let (waitingAtLast, shownAtLast) = (pair.publisher.waitingBytes, pair.shown)
    pair.bench.simulation.shutDown()
    #expect(shown == start && shownAtLast == pair.source.durable)
    // All but what the reader holds, and what its window does.
    #expect(waiting > 20 << 20 && waiting < 25 << 20, "\(waiting)")
    #expect(waitingAtLast == 0)
    #expect(pair.timesCutOff == 0)
  }
}
