import Simulation
import Testing

@testable import Database
@testable import Volume

@Suite struct `A storage engine` {
  @Test func `keeps what was committed`() throws {
    try Bench.run { bench in
      let store = bench.store()
      let engine = try await bench.engine(store)
      let table = try await engine.createPairs()
      let t = engine.begin(.readCommitted)
      for id in 0..<1000 { try await engine.put(Int64(id), "w\(id)", in: table, t) }
      try await engine.commit(t)
      #expect(try await engine.all(of: table) == (0..<1000).map { "\($0):w\($0)" })

      let reopened = try await bench.engine(bench.store(store.log), pool: 8)
      let same = try #require(try await reopened.table(named: "pairs", for: nil))
      #expect(try await reopened.all(of: same) == (0..<1000).map { "\($0):w\($0)" })
      #expect(
        try await reopened.all(of: same, direction: .backward)
          == (0..<1000).reversed().map { "\($0):w\($0)" })
    }
  }
}
