import Simulation
import Testing

@testable import Database
@testable import Volume

@Suite struct `An undo log` {
  /// An undo record holds the header of the version before, and so the number of that one's transaction: to a pointer
  /// that is older than the page, the middle of a record can look like a record of the transaction that it wants.
  @Test func `takes nothing for a record that begins in the midst of one`() throws {
    try Bench.run { bench in
      let engine = try await bench.engine(bench.store())
      let table = try await engine.createPairs()
      let first = engine.begin(.readCommitted)
      for id in 0..<200 as Range<Int64> { try await engine.put(id, "one", in: table, first) }
      let wanted = try #require(first.id)
      try await engine.commit(first)
      try await engine.purge()
      let second = engine.begin(.readCommitted)
      for id in 0..<200 as Range<Int64> { _ = try await engine.set(id, "two", in: table, second) }

      var baits = 0
      var taken: [Int] = []
      var records = 0
      for number in 0..<MetaPage(try await engine.pool.fetch(.meta)).pageCount {
        let frame = try await engine.pool.fetch(PageNumber(number))
        guard frame.kind == .undo, !UndoPage(frame).isEmpty else { continue }
        var starts: [Int] = []
        var offset = UndoPage(frame).lastRecord
        while offset != 0 {
          starts.append(offset)
          offset = UndoRecord(frame: frame, offset: offset).previous
        }
        records += starts.count
        for offset in UndoPage.start..<(UndoPage(frame).end - UndoRecord.headerSize)
        where !starts.contains(offset) {
          if UndoRecord(frame: frame, offset: offset).transaction == wanted { baits += 1 }
          let pointer = UndoPointer(page: frame.page, offset: offset, isInsert: false)
          if try engine.undo.record(at: pointer, of: wanted) != nil { taken.append(offset) }
        }
        for offset in starts {
          let pointer = UndoPointer(page: frame.page, offset: offset, isInsert: false)
          let record = UndoRecord(frame: frame, offset: offset)
          #expect(try engine.undo.record(at: pointer, of: record.transaction) != nil)
        }
      }
      #expect(records >= 200)
      #expect(baits >= 200, "nothing in these pages looks like a record")
      #expect(taken == [])
      try await engine.commit(second)
    }
  }
}
