import Scenarios
import Simulation
import Testing

/// What the checkers of the mixes say of a few observations.
private func evidence<Judge: Checker>(
  _ checker: Judge, _ observations: [Judge.Observation]
) -> [String] {
  var checker = checker
  return observations.compactMap { checker.observe($0, at: .start)?.evidence }
    + checker.finish(at: .start).map(\.evidence)
}

@Suite struct `The checker of a mix` {
  @Test func `counts the steps of counters`() {
    #expect(
      evidence(
        CounterChecker(),
        [
          .read(by: "a", counter: 1, value: 2, steps: 2), .changed(by: "a", counter: 1, rows: 1),
          .changed(by: "a", counter: 1, rows: 0), .left(counter: 1, value: 3, steps: [1, 2, 3]),
          .left(counter: 2, value: 0, steps: []),
        ]) == [])
    #expect(
      evidence(
        CounterChecker(),
        [
          .read(by: "a", counter: 1, value: 2, steps: 3), .changed(by: "a", counter: 1, rows: 2),
          .left(counter: 1, value: 3, steps: [1, 2, 2]),
          .left(counter: 1, value: 3, steps: [1, 3]),
          .left(counter: 1, value: 3, steps: [1, 2]),
        ]) == [
          "a read counter 1 at 2, with 3 steps", "a changed counter 1 in 2 rows",
          "step 3 of counter 1 is 2, of 3 in all", "step 2 of counter 1 is 3, of 2 in all",
          "counter 1 is at 3, with 2 steps",
        ])
  }

  @Test func `holds balances against their history`() {
    #expect(
      evidence(
        BalanceChecker(),
        [
          .balance(table: "teller", id: 1, balance: -5, history: -5),
          .balance(table: "account", id: 7, balance: 3, history: 0),
        ]) == ["account 7 has a balance of 3, and its history adds up to 0"])
  }

  @Test func `knows what a partial rollback keeps`() {
    let token = TransactionToken(client: 1, sequence: 2)
    func left(_ found: [Int64], _ outcome: PartialRollbackChecker.Outcome) -> [String] {
      evidence(
        PartialRollbackChecker(),
        [.left(token, expected: [1, 3], found: found, outcome: outcome)])
    }
    #expect(left([1, 3], .committed) == [] && left([], .rolledBack) == [])
    #expect(left([1, 3], .inDoubt) == [] && left([], .inDoubt) == [])
    #expect(left([1], .inDoubt).count == 1 && left([1, 3], .rolledBack).count == 1)
    #expect(
      left([1], .committed)
        == ["client 1, transaction 2, committed, has left the parts [1], and had kept [1, 3]"])
    #expect(
      evidence(
        PartialRollbackChecker(),
        [
          .own(token, expected: [1], found: [1]), .own(token, expected: [1], found: [1, 2]),
          .tally(4, value: 2, parts: 2), .tally(4, value: 2, parts: 3),
        ]) == [
          "client 1, transaction 2 saw its own parts [1, 2] instead of [1]",
          "tally 4 is 2, with 3 parts",
        ])
  }

  @Test func `compares an index with its table`() {
    #expect(
      evidence(
        RegistryChecker(),
        [
          .compared(by: "a", kind: 1, index: [2, 9], table: [2, 9]), .names(by: "a", [1, 2, 4]),
          .found(name: 4, ids: [7], byName: [7]), .found(name: 5, ids: [], byName: []),
          .lookedUp(by: "a", name: 3, found: [1, 1, 1], expected: 1),
          .lookedUp(by: "a", name: 3, found: [0, 0, 0], expected: nil),
          .changed(by: "a", name: 3, rows: 0, of: 0...1),
          .compared(by: "a", kind: 1, index: [1, 5], table: [2, 9]), .names(by: "a", [1, 2, 2]),
          .found(name: 4, ids: [7], byName: []), .found(name: 5, ids: [], byName: [8]),
          .lookedUp(by: "a", name: 3, found: [0, 1, 1], expected: nil),
          .lookedUp(by: "a", name: 3, found: [0, 0, 0], expected: 1),
          .changed(by: "a", name: 3, rows: 0, of: 1...1), .refused(by: "a", name: 3),
        ]) == [
          "a found 1 rows with a sum of 5 of kind 1 by the index, and 2 rows with a sum of 9 in the table",
          "a read name 2 twice", "name 4 belongs to rows [7] in the table, and to [] by its index",
          "name 5 belongs to rows [] in the table, and to [8] by its index",
          "a found name 3 0 times by its index, 1 times in the table and 1 times by the primary key",
          "a found name 3 0 times, and had left it 1 times", "a changed 0 rows of name 3",
          "a was refused name 3, which it had just given up itself",
        ])
  }

  @Test func `knows a snapshot that moves`() {
    typealias Row = ReportChecker.Row
    let first = [Row(id: 1, kind: 0, amount: 90), Row(id: 4, kind: 1, amount: 110)]
    let later = [Row(id: 2, kind: 0, amount: 90), Row(id: 4, kind: 1, amount: 110)]
    func report(_ readings: ReportChecker.Reading...) -> ReportChecker.Observation {
      .report(by: "a", session: "s", readings)
    }
    func commits(_ last: Int64) -> ReportChecker.Reading {
      .commits([.init(client: 7, last: last)])
    }
    func found(_ observations: ReportChecker.Observation...) -> [String] {
      evidence(ReportChecker(places: 2, amount: 100), observations)
    }
    #expect(
      found(
        report(
          .rows(.all, first), .rows(.kind(1), [first[1]]), .rows(.place(1), [first[0]]),
          .totals(.all, count: 2, sum: 200), .totals(.kind(2), count: 0, sum: 0), commits(1),
          .rows(.all, first), commits(1)),
        report(.rows(.all, later), commits(2), .rows(.place(1), [later[0]]))) == [])
    #expect(
      found(report(.rows(.all, first), .rows(.all, later)))
        == ["a read row 1 of kind 0 with 90, and then 2 of kind 0 with 90 in the same snapshot"])
    #expect(
      found(report(.rows(.all, first), .rows(.kind(1), [])))
        == ["a read row 4 of kind 1 with 110, and then none in the same snapshot"])
    #expect(
      found(report(.rows(.all, first), .totals(.kind(1), count: 1, sum: 90)))
        == [
          "a read 1 rows with a sum of 110, and counted 1 with a sum of 90 in the same snapshot"
        ])
    #expect(found(report(.rows(.all, [first[0]]))) == ["a found no row in place 2"])
    #expect(found(report(.rows(.all, first + later))) == ["a found 4 rows in 2 places"])
    #expect(
      found(report(.rows(.all, [first[0], Row(id: 3, kind: 1, amount: 100)])))
        == ["a read a sum of 190 instead of 200"])
    #expect(
      found(report(commits(1), commits(2))) == ["a saw commits come into its snapshot"])
    #expect(
      found(report(commits(2)), report(commits(1)))
        == ["a saw client 7 at transaction 1, and its session had seen 2 before"])
    #expect(found(.refused(by: "a", sqlState: "40001")) == ["a only reads, and met 40001"])
  }

  /// What there is nothing to compare with is not counted as a comparison.
  @Test func `does not take a single reading for a repeated one`() {
    var checker = ReportChecker(places: 1, amount: 100)
    let row = ReportChecker.Row(id: 2, kind: 0, amount: 100)
    _ = checker.observe(.report(by: "a", session: "s", [.rows(.all, [row])]), at: .start)
    #expect(checker.reportCount == 1 && checker.comparisonCount == 0)
  }

  @Test func `holds answers against what they say`() {
    let token = TransactionToken(client: 1, sequence: 2)
    func found(_ observations: AnswerChecker.Observation...) -> [String] {
      evidence(AnswerChecker(deadline: .seconds(2)), observations)
    }
    func wrote(_ answer: String) -> AnswerChecker.Observation {
      .answered(by: token, what: "wrote", allowed: ["25P02"], answer: answer)
    }
    func circle(_ answers: [String], _ waited: Interval) -> AnswerChecker.Observation {
      .circle(by: token, answers: answers, waited: waited)
    }
    #expect(
      found(
        wrote("25P02"), circle(["done", "40P01"], .seconds(1)),
        circle(["40P01", "done"], .seconds(2)),
        .rows(of: token, found: [0, 1], allowed: [[0, 0], [0, 1]])) == [])
    #expect(
      found(wrote("done")) == ["client 1, transaction 2 wrote and was told done, not 25P02"])
    #expect(
      found(circle(["40P01", "40P01"], .seconds(1)))
        == [
          "of two that waited for each other in client 1, transaction 2 one was told 40P01, and"
            + " the other 40P01"
        ])
    #expect(found(circle(["done", "done"], .seconds(1))).count == 1)
    #expect(
      found(.rows(of: token, found: [0, 2], allowed: [[0, 0], [0, 1]]))
        == ["client 1, transaction 2 has left [0, 2] in its rows, not [0, 0] or [0, 1]"])
    // A fault may make a wait longer, but not its answers wrong.
    #expect(found(circle(["done", "40P01"], .seconds(3))).count == 1)
    #expect(found(.disturbed, circle(["done", "40P01"], .seconds(3))) == [])
    #expect(found(.disturbed, wrote("done")).count == 1)
    #expect(
      found(.inherited(by: token, isGiven: true), .inherited(by: token, isGiven: false))
        == ["client 1, transaction 2 did not get a row whose holder had left"])
    #expect(found(.disturbed, .inherited(by: token, isGiven: false)) == [])
  }

  @Test func `sees batches whole and in order`() {
    #expect(
      evidence(
        BatchChecker(rowsPerBatch: 3),
        [
          .batch(by: "a", batch: 1, rows: 3, stamps: 5...5), .order(by: "a", [1, 2, 9]),
          .stamped(batch: 1, stamp: 5, isLogged: true), .turns(9, logged: 9),
          .stamped(batch: 1, stamp: 6, isLogged: false), .turns(9, logged: 8),
          .batch(by: "a", batch: 1, rows: 2, stamps: 5...5),
          .batch(by: "a", batch: 1, rows: 3, stamps: 5...6), .order(by: "a", [1, 2, 2]),
        ]) == [
          "batch 1 has stamp 6, of a transaction that is not in the log",
          "9 turns were had at batches, and 8 are in the log",
          "a saw 2 of the 3 rows of batch 1, with stamps from 5 to 5",
          "a saw 3 of the 3 rows of batch 1, with stamps from 5 to 6", "a read row 2 after row 2",
        ])
  }
}
