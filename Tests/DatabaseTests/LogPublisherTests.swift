import Simulation
import Testing

@testable import Database
@testable import Volume

@Suite struct `A log publisher` {
  /// A writer to which nothing happens, unless its log is moved on.
  private final class IdleSource: LogSource {
    let epoch = VolumeEpoch(number: 1, opener: 1)
    let nextTransaction: UInt64 = 1
    var durable = LSN(7)
    var durablePoint: DurablePoint {
      DurablePoint(lsn: durable, groupTails: [durable], announced: Instant.start)
    }
    private(set) var timesReadersMoved = 0

    func activeTransactions(asOf lsn: LSN) -> [UInt64] { [] }
    func readersMoved() { timesReadersMoved += 1 }
  }

  /// What a reader held back is given up though nothing becomes durable any more: the hot logs may be full
  /// of just that.
  @Test func `tells the writer of its readers again and again, durable or not`() {
    let simulation = Simulation(seed: 1)
    let zone = simulation.addRegion("us-east-1", zones: ["a"]).zones[0]
    let process = simulation.addHost("db", in: zone, capacity: 4).start("db")
    let source = IdleSource()
    let publisher = LogPublisher(process: process, source: source, port: 7100)
    simulation.loop.run(until: simulation.now + .milliseconds(1050))
    let times = source.timesReadersMoved
    let isFree = publisher.oldestReadPoint == LSN(.max)
    #expect(times == 10)
    #expect(isFree)
    simulation.shutDown()
  }

  /// It keeps its connection and takes what it is sent, but never says that it has moved on.
  @Test(arguments: [false, true])
  func `cuts off a reader that holds the read point for too long`(movesOn: Bool) {
    let simulation = Simulation(seed: 2)
    let zone = simulation.addRegion("us-east-1", zones: ["a"]).zones[0]
    let process = simulation.addHost("db", in: zone, capacity: 4).start("db")
    let source = IdleSource()
    let publisher = LogPublisher(process: process, source: source, port: 7100)
    let reader = simulation.addHost("reader", in: zone, capacity: 4).start("reader")
    var isCutOff = false
    reader.spawn {
      let connection = try await reader.connect(
        to: Address(host: process.host.id, port: 7100), timeout: .seconds(1))
      do {
        while true {
          _ = try await connection.receive()
          guard movesOn else { continue }
          var report = GatheringBuffer()
          ReplicationMessage.feedback(readPoint: source.durable, oldestTransaction: 1)
            .encode(into: &report)
          connection.send(report.copy())
        }
      } catch let error as ProcessEnded {
        throw error
      } catch { isCutOff = true }
    }
    for second in 0..<70 as Range<UInt64> {
      simulation.loop.run(until: simulation.now + .seconds(1))
      source.durable = LSN(8 + second)
      publisher.becameDurable()
      if second < 55 { #expect(!isCutOff) }
    }
    let oldest = publisher.oldestReadPoint
    #expect(isCutOff != movesOn)
    #expect((oldest == LSN(.max)) != movesOn)
    simulation.shutDown()
  }
}
