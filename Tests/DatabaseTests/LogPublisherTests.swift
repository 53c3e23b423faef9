import Simulation
import Testing

@testable import Database
@testable import Volume

@Suite struct `A log publisher` {
  /// A writer to which nothing happens.
  private final class IdleSource: LogSource {
    let epoch = VolumeEpoch(number: 1, opener: 1)
    let nextTransaction: UInt64 = 1
    var durablePoint: DurablePoint {
      DurablePoint(lsn: LSN(7), groupTails: [LSN(7)], announced: Instant.start)
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
}
