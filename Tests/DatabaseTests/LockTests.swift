import Simulation
import Testing

@testable import Database

@Suite struct `A lock manager` {
  private final class Crew {
    let bench = Bench()
    lazy var locks = LockManager(process: bench.process)

    func member(_ id: Int32) -> Transaction {
      let transaction = Transaction(isolation: .readCommitted, processID: id)
      transaction.id = TransactionID(UInt64(id) + 100)
      return transaction
    }

    func members(_ count: Int32) -> [Transaction] { (1...count).map { member($0) } }

    func outcome(_ name: UInt64, _ mode: LockMode, _ t: Transaction, table: UInt32 = 0) -> String {
      switch locks.request(name, mode, for: t, table: table) {
      case .granted: "granted"
      case .waits: "waits"
      case .deadlock(let detail): detail
      }
    }

    /// As a statement locks a table.
    func lock(_ table: UInt32, _ mode: LockMode, _ t: Transaction) -> String {
      if locks.tryHold(table, mode, for: t) { return "held" }
      return outcome(LockManager.name(ofTable: table), mode, t, table: table)
    }
  }

  // MARK: Modes

  /// PostgreSQL documentation, tables 13.2 and 13.3: which modes conflict.
  @Test func `knows PostgreSQL's conflicts`() {
    let rows: [LockMode] = [.forKeyShare, .forShare, .forNoKeyUpdate, .forUpdate]
    let tables: [LockMode] = [
      .accessShare, .rowShare, .rowExclusive, .shareUpdateExclusive, .share, .shareRowExclusive,
      .exclusive, .accessExclusive,
    ]
    func shown(_ modes: [LockMode]) -> [String] {
      modes.map { mode in
        modes.map { mode.conflicts(with: $0) ? "x" : "." }.joined()
      }
    }
    #expect(shown(rows) == ["...x", "..xx", ".xxx", "xxxx"])
    #expect(
      shown(tables) == [
        ".......x", "......xx", "....xxxx", "...xxxxx", "..xx.xxx", "..xxxxxx", ".xxxxxxx",
        "xxxxxxxx",
      ])
    for row in rows { for table in tables { #expect(!row.conflicts(with: table)) } }
    for mode in tables {
      #expect(mode.isWeak == tables.prefix(3).contains(mode))
      #expect(mode.isStrong == tables.prefix(3).contains { mode.conflicts(with: $0) })
    }
  }

  @Test func `takes a mode for another only if it keeps away all that the other would`() {
    #expect(LockMode.forUpdate.covers(.forKeyShare) && LockMode.forNoKeyUpdate.covers(.forShare))
    #expect(!LockMode.forNoKeyUpdate.covers(.forUpdate) && !LockMode.forKeyShare.covers(.forShare))
    #expect(LockMode.share.covers(.rowShare) && !LockMode.share.covers(.rowExclusive))
    #expect(LockMode.rowExclusive.covers(.accessShare) && !LockMode.accessShare.covers(.rowShare))
    #expect(!LockMode.accessExclusive.covers(.forKeyShare))
  }

  // MARK: Rows

  @Test func `lets readers of a row share it, and makes a writer wait`() {
    let crew = Crew()
    let (a, b, c) = (crew.member(1), crew.member(2), crew.member(3))
    #expect(crew.outcome(7, .forShare, a) == "granted")
    #expect(crew.outcome(7, .forShare, b) == "granted")
    #expect(crew.outcome(7, .forNoKeyUpdate, c) == "waits")
    crew.locks.releaseAll(of: a)
    #expect(c.waitingRequest >= 0)
    crew.locks.releaseAll(of: b)
    #expect(c.waitingRequest < 0)
    crew.locks.releaseAll(of: c)
    #expect(crew.locks.lockCount == 0)
  }

  /// As PostgreSQL does, where who need not wait does not look at those who do.
  @Test func `lets a reader of a row overtake a writer that waits`() {
    let crew = Crew()
    let (a, b, c) = (crew.member(1), crew.member(2), crew.member(3))
    #expect(crew.outcome(7, .forShare, a) == "granted")
    #expect(crew.outcome(7, .forUpdate, b) == "waits")
    #expect(crew.outcome(7, .forShare, c) == "granted")
    crew.locks.releaseAll(of: a)
    #expect(b.waitingRequest >= 0)
    crew.locks.releaseAll(of: c)
    #expect(b.waitingRequest < 0)
  }

  @Test func `serves those who wait for a row in the order in which they came`() {
    let crew = Crew()
    let members = crew.members(4)
    #expect(crew.outcome(7, .forUpdate, members[0]) == "granted")
    #expect(crew.outcome(7, .forShare, members[1]) == "waits")
    #expect(crew.outcome(7, .forNoKeyUpdate, members[2]) == "waits")
    #expect(crew.outcome(7, .forKeyShare, members[3]) == "waits")
    crew.locks.releaseAll(of: members[0])
    #expect(members.map { $0.waitingRequest < 0 } == [true, true, false, true])
  }

  @Test func `lets a holder upgrade past those who wait for it`() {
    let crew = Crew()
    let (a, b) = (crew.member(1), crew.member(2))
    #expect(crew.outcome(7, .forShare, a) == "granted")
    #expect(crew.outcome(7, .forUpdate, b) == "waits")
    #expect(crew.outcome(7, .forUpdate, a) == "granted")
    #expect(crew.outcome(7, .forShare, a) == "granted")
    crew.locks.releaseAll(of: a)
    #expect(b.waitingRequest < 0)
  }

  @Test func `lets a key be shared with whoever changes the rest of the row`() {
    let crew = Crew()
    let (a, b, c) = (crew.member(1), crew.member(2), crew.member(3))
    crew.locks.enterImplicit(7, .forNoKeyUpdate, for: a)
    #expect(crew.outcome(7, .forKeyShare, b) == "granted")
    #expect(crew.outcome(7, .forUpdate, a) == "waits")
    #expect(crew.outcome(7, .forShare, c) == "waits")
    crew.locks.releaseAll(of: b)
    #expect(a.waitingRequest < 0 && c.waitingRequest >= 0)
  }

  @Test func `weakens what was entered for a writer that took back its change of the key`() {
    let crew = Crew()
    let (a, b) = (crew.member(1), crew.member(2))
    crew.locks.enterImplicit(7, .forUpdate, for: a)
    #expect(crew.outcome(7, .forKeyShare, b) == "waits")
    crew.locks.weaken(7, of: a, to: .forNoKeyUpdate)
    #expect(b.waitingRequest < 0)
  }

  // MARK: Tables

  @Test func `notes weak locks with their transactions alone`() {
    let crew = Crew()
    let (a, b) = (crew.member(1), crew.member(2))
    for table in 1...16 as ClosedRange<UInt32> {
      #expect(crew.lock(table, .accessShare, a) == "held")
      #expect(crew.lock(table, .accessShare, a) == "held")
    }
    #expect(crew.locks.lockCount == 0)
    #expect(crew.lock(17, .accessShare, a) == "granted", "the places with the transaction are taken")
    #expect(crew.lock(3, .rowExclusive, b) == "held")
    #expect(crew.lock(3, .rowShare, b) == "held", "covered")
    crew.locks.releaseAll(of: a)
    crew.locks.releaseAll(of: b)
    #expect(crew.locks.lockCount == 0)
    #expect(crew.lock(3, .accessExclusive, a) == "granted")
  }

  @Test func `makes a strong lock wait for weak ones, and later ones for it`() {
    let crew = Crew()
    let members = crew.members(5)
    #expect(crew.lock(3, .accessShare, members[0]) == "held")
    #expect(crew.lock(3, .rowExclusive, members[1]) == "held")
    #expect(crew.lock(4, .rowExclusive, members[1]) == "held")
    #expect(crew.lock(3, .accessExclusive, members[2]) == "waits")
    #expect(crew.lock(3, .accessShare, members[3]) == "waits", "a DROP is not overtaken")
    #expect(crew.lock(3, .accessShare, members[1]) == "granted", "it reads what it writes")
    #expect(crew.lock(4, .accessShare, members[4]) == "granted", "another table")
    crew.locks.releaseAll(of: members[0])
    #expect(members[2].waitingRequest >= 0)
    crew.locks.releaseAll(of: members[1])
    #expect(members[2].waitingRequest < 0 && members[3].waitingRequest >= 0)
    crew.locks.releaseAll(of: members[2])
    #expect(members[3].waitingRequest < 0)
    for member in members { crew.locks.releaseAll(of: member) }
    #expect(crew.locks.lockCount == 0)
    #expect(crew.lock(3, .accessShare, members[0]) == "held")
  }

  @Test func `keeps writers from a table whose index is being made, and no readers`() {
    let crew = Crew()
    let members = crew.members(4)
    #expect(crew.lock(3, .share, members[0]) == "granted")
    #expect(crew.lock(3, .accessShare, members[1]) == "granted")
    #expect(crew.lock(3, .rowExclusive, members[2]) == "waits")
    #expect(crew.lock(3, .rowShare, members[3]) == "granted")
    crew.locks.releaseAll(of: members[0])
    #expect(members[2].waitingRequest < 0)
  }

  @Test func `releases what was locked after a savepoint, noted or requested`() {
    let crew = Crew()
    let (a, b) = (crew.member(1), crew.member(2))
    #expect(crew.lock(3, .accessShare, a) == "held")
    let savepoint = a.lockSerial
    #expect(crew.lock(4, .accessShare, a) == "held")
    #expect(crew.lock(5, .rowExclusive, a) == "held")
    #expect(crew.lock(5, .accessExclusive, b) == "waits", "what is noted is gathered")
    #expect(crew.lock(3, .accessExclusive, b) == "waits")
    b.waitingRequest = -1
    crew.locks.release(of: a, after: savepoint, noLongerWritten: [])
    #expect(crew.lock(4, .accessExclusive, b) == "granted")
    #expect(crew.lock(5, .accessExclusive, b) == "granted")
    let name = LockManager.name(ofTable: 3)
    #expect(!crew.locks.tryRequest(name, .accessExclusive, for: b, table: 3))
    crew.locks.releaseAll(of: a)
    #expect(crew.lock(3, .accessExclusive, b) == "granted")
  }

  @Test func `tells who locks and frees a table for itself alone`() {
    let crew = Crew()
    let (a, b) = (crew.member(1), crew.member(2))
    var told: [String] = []
    crew.locks.onExclusive = { table, isLocked in told.append("\(table) \(isLocked)") }
    #expect(crew.lock(3, .accessShare, a) == "held")
    #expect(crew.lock(3, .accessExclusive, b) == "waits")
    #expect(told == [])
    crew.locks.releaseAll(of: a)
    #expect(told == ["3 true"])
    #expect(crew.lock(4, .exclusive, a) == "granted")
    crew.locks.releaseAll(of: b)
    #expect(told == ["3 true", "3 false"])
  }

  // MARK: Deadlocks

  @Test func `finds the circle in which a transaction waits, in PostgreSQL's words`() {
    let crew = Crew()
    let (a, b, c) = (crew.member(11), crew.member(12), crew.member(13))
    #expect(crew.outcome(1, .forUpdate, a) == "granted")
    #expect(crew.lock(2, .rowExclusive, b) == "held")
    #expect(crew.outcome(3, .forUpdate, c) == "granted")
    #expect(crew.lock(2, .accessExclusive, a) == "waits")
    #expect(crew.outcome(3, .forUpdate, b) == "waits")
    #expect(crew.locks.breakDeadlock(of: b) == nil)
    #expect(crew.outcome(1, .forUpdate, c) == "waits")
    #expect(
      crew.locks.breakDeadlock(of: c) == """
        Process 13 waits for ShareLock on transaction 111; blocked by process 11.
        Process 11 waits for AccessExclusiveLock on relation 2 of database 5; blocked by process 12.
        Process 12 waits for ShareLock on transaction 113; blocked by process 13.
        """)
    crew.locks.withdraw(c.waitingRequest)
    crew.locks.releaseAll(of: c)
    #expect(b.waitingRequest < 0)
  }

  /// PostgreSQL sees this one without waiting, too.
  @Test func `refuses at once the second of two who want more of a table that they share`() {
    let crew = Crew()
    let (a, b) = (crew.member(1), crew.member(2))
    #expect(crew.lock(3, .share, a) == "granted")
    #expect(crew.lock(3, .share, b) == "granted")
    #expect(crew.lock(3, .rowExclusive, a) == "waits")
    #expect(
      crew.lock(3, .rowExclusive, b) == """
        Process 2 waits for RowExclusiveLock on relation 3 of database 5; blocked by process 1.
        Process 1 waits for RowExclusiveLock on relation 3 of database 5; blocked by process 2.
        """)
    #expect(b.waitingRequest < 0)
    crew.locks.releaseAll(of: b)
    #expect(a.waitingRequest < 0)
  }

  /// B waits for A, and C behind B; but A waits for C. C may go first, as A and C read alike.
  @Test func `lets a waiter past another rather than to call it a deadlock`() {
    let crew = Crew()
    let (a, b, c) = (crew.member(1), crew.member(2), crew.member(3))
    #expect(crew.lock(3, .accessShare, a) == "held")
    #expect(crew.lock(4, .accessExclusive, c) == "granted")
    #expect(crew.lock(3, .accessExclusive, b) == "waits")
    #expect(crew.lock(3, .accessShare, c) == "waits")
    #expect(crew.lock(4, .accessShare, a) == "waits")
    #expect(crew.locks.breakDeadlock(of: a) == nil)
    #expect(c.waitingRequest < 0 && b.waitingRequest >= 0)
    #expect(crew.locks.deadlocks.total == 0)
    crew.locks.releaseAll(of: c)
    #expect(a.waitingRequest < 0 && b.waitingRequest >= 0)
    crew.locks.releaseAll(of: a)
    #expect(b.waitingRequest < 0)
  }

  @Test func `gives up at the deadline, and forgets the request`() throws {
    try Bench.run { bench in
      let locks = LockManager(process: bench.process)
      let a = Transaction(isolation: .readCommitted, processID: 1)
      let b = Transaction(isolation: .readCommitted, processID: 2)
      _ = locks.request(7, .forUpdate, for: a)
      for milliseconds in [50, 1_500] as [Int64] {
        let began = bench.process.now
        guard case .waits(let number) = locks.request(7, .forUpdate, for: b) else {
          Issue.record("the lock was free")
          return
        }
        await #expect(throws: StorageError.lockNotAvailable) {
          try await locks.wait(for: number, timeout: .milliseconds(milliseconds))
        }
        #expect(bench.process.now == began + .milliseconds(milliseconds))
      }
      locks.releaseAll(of: a)
      #expect(locks.lockCount == 0)
    }
  }

  /// Whoever began to wait first is the first to look, and so the victim.
  @Test(arguments: [1_000, 40] as [Int64])
  func `looks for a deadlock after the timeout of who waits, and only then`(
    milliseconds: Int64
  ) throws {
    try Bench.run { bench in
      let locks = LockManager(process: bench.process)
      let a = Transaction(isolation: .readCommitted, processID: 1)
      let b = Transaction(isolation: .readCommitted, processID: 2)
      a.deadlockTimeout = .milliseconds(milliseconds)
      _ = locks.request(7, .forUpdate, for: a)
      _ = locks.request(8, .forUpdate, for: b)
      let began = bench.process.now
      let first = bench.start {
        guard case .waits(let number) = locks.request(8, .forUpdate, for: a) else { return }
        try await locks.wait(for: number, timeout: nil)
      }
      let second = bench.start {
        try await bench.process.sleep(for: .milliseconds(10))
        guard case .waits(let number) = locks.request(7, .forUpdate, for: b) else { return }
        try await locks.wait(for: number, timeout: nil)
      }
      await #expect(throws: StorageError.self) {
        try await first.value(in: bench.process).get()
      }
      #expect(bench.process.now == began + .milliseconds(milliseconds))
      #expect(locks.deadlocks.total == 1)
      locks.releaseAll(of: a)
      try await second.value(in: bench.process).get()
    }
  }

  /// Random requests and releases, against the definition: granted requests never conflict, and when
  /// all have ended nothing is left.
  @Test(arguments: 0..<200 as Range<UInt64>)
  func `never grants what conflicts`(seed: UInt64) {
    let crew = Crew()
    let random = RandomStream(seed: seed).fork("locks")
    let members = (0..<6).map { crew.member(Int32($0)) }
    var held: [(owner: Int, name: UInt32, mode: LockMode)] = []
    var wanted: [Int: (name: UInt32, mode: LockMode)] = [:]
    func note() {
      for other in members.indices where members[other].waitingRequest < 0 {
        guard let granted = wanted[other] else { continue }
        held.append((other, granted.name, granted.mode))
        wanted[other] = nil
      }
    }
    for _ in 0..<300 {
      let index = random.index(below: members.count)
      if random.chance(0.2), wanted[index] == nil {
        crew.locks.releaseAll(of: members[index])
        held.removeAll { $0.owner == index }
      } else if wanted[index] == nil {
        // Rows 0 and 1, tables 2 and 3.
        let name = UInt32(random.index(below: 4))
        let raw = name < 2 ? random.index(below: 4) : 4 + random.index(below: 8)
        guard let mode = LockMode(rawValue: UInt8(raw)) else { return }
        let outcome =
          name < 2
          ? crew.outcome(UInt64(name), mode, members[index]) : crew.lock(name, mode, members[index])
        switch outcome {
        case "granted", "held": held.append((index, name, mode))
        case "waits":
          wanted[index] = (name, mode)
          if crew.locks.breakDeadlock(of: members[index]) != nil {
            crew.locks.withdraw(members[index].waitingRequest)
            wanted[index] = nil
          }
        default: break
        }
      }
      note()
      let conflict = held.contains { first in
        held.contains { second in
          first.owner != second.owner && first.name == second.name
            && first.mode.conflicts(with: second.mode)
        }
      }
      guard !conflict, wanted.count < members.count else {
        Issue.record(conflict ? "a conflict was granted" : "all wait: a deadlock was missed")
        return
      }
    }
    while wanted.count > 0 {
      for index in members.indices where wanted[index] == nil {
        crew.locks.releaseAll(of: members[index])
      }
      let before = wanted.count
      for index in members.indices where members[index].waitingRequest < 0 { wanted[index] = nil }
      guard wanted.count < before else {
        Issue.record("those who wait were forgotten")
        return
      }
    }
    for member in members { crew.locks.releaseAll(of: member) }
    #expect(crew.locks.lockCount == 0)
    #expect(crew.locks.strongCount == 0)
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `finds its locks like a dictionary would`(seed: UInt64) {
    let random = RandomStream(seed: seed).fork("index")
    var index = LockIndex()
    var model: [UInt64: Int32] = [:]
    for step in 0..<5000 {
      // Few home places, so that runs collide and wrap around.
      let name = UInt64(random.index(below: 40)) << 58 | UInt64(random.index(below: 70))
      if random.chance(0.45) {
        index.remove(name)
        model[name] = nil
      } else {
        index.set(Int32(step), for: name)
        model[name] = Int32(step)
      }
      guard index.first(of: name) == model[name] ?? -1, index.count == model.count else {
        Issue.record("step \(step): the table differs")
        return
      }
    }
    #expect(model.allSatisfy { index.first(of: $0.key) == $0.value })
  }
}
