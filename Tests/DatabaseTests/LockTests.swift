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

    func outcome(_ name: UInt64, _ mode: LockMode, _ t: Transaction) -> String {
      switch locks.request(name, mode, for: t) {
      case .granted: "granted"
      case .waits: "waits"
      case .deadlock(let detail): detail
      }
    }
  }

  @Test func `lets readers of a row share it, and makes a writer wait`() {
    let crew = Crew()
    let (a, b, c) = (crew.member(1), crew.member(2), crew.member(3))
    #expect(crew.outcome(7, .rowShare, a) == "granted")
    #expect(crew.outcome(7, .rowShare, b) == "granted")
    #expect(crew.outcome(7, .rowExclusive, c) == "waits")
    crew.locks.releaseAll(of: a)
    #expect(c.waitingRequest >= 0)
    crew.locks.releaseAll(of: b)
    #expect(c.waitingRequest < 0)
    crew.locks.releaseAll(of: c)
    #expect(crew.locks.lockCount == 0)
  }

  @Test func `does not let a reader overtake a writer that waits`() {
    let crew = Crew()
    let (a, b, c) = (crew.member(1), crew.member(2), crew.member(3))
    #expect(crew.outcome(7, .rowShare, a) == "granted")
    #expect(crew.outcome(7, .rowExclusive, b) == "waits")
    #expect(crew.outcome(7, .rowShare, c) == "waits")
    crew.locks.releaseAll(of: a)
    #expect(b.waitingRequest < 0 && c.waitingRequest >= 0)
  }

  @Test func `lets a holder upgrade past those who wait for it`() {
    let crew = Crew()
    let (a, b) = (crew.member(1), crew.member(2))
    #expect(crew.outcome(7, .rowShare, a) == "granted")
    #expect(crew.outcome(7, .rowExclusive, b) == "waits")
    #expect(crew.outcome(7, .rowExclusive, a) == "granted")
    #expect(crew.outcome(7, .rowShare, a) == "granted")
    crew.locks.releaseAll(of: a)
    #expect(b.waitingRequest < 0)
  }

  @Test func `refuses the wait that would close a cycle, in PostgreSQL's words`() {
    let crew = Crew()
    let (a, b, c) = (crew.member(11), crew.member(12), crew.member(13))
    #expect(crew.outcome(1, .rowExclusive, a) == "granted")
    #expect(crew.outcome(2, .rowExclusive, b) == "granted")
    #expect(crew.outcome(3, .rowExclusive, c) == "granted")
    #expect(crew.outcome(2, .rowExclusive, a) == "waits")
    #expect(crew.outcome(3, .rowExclusive, b) == "waits")
    #expect(
      crew.outcome(1, .rowExclusive, c) == """
        Process 13 waits for ShareLock on transaction 111; blocked by process 11.
        Process 11 waits for ShareLock on transaction 112; blocked by process 12.
        Process 12 waits for ShareLock on transaction 113; blocked by process 13.
        """)
    crew.locks.releaseAll(of: c)
    #expect(b.waitingRequest < 0)
  }

  @Test func `sees the deadlock of two who both upgrade`() {
    let crew = Crew()
    let (a, b) = (crew.member(1), crew.member(2))
    #expect(crew.outcome(7, .rowShare, a) == "granted")
    #expect(crew.outcome(7, .rowShare, b) == "granted")
    #expect(crew.outcome(7, .rowExclusive, a) == "waits")
    #expect(crew.outcome(7, .rowExclusive, b).hasPrefix("Process 2 waits"))
  }

  @Test func `gives up at the deadline, and forgets the request`() throws {
    try Bench.run { bench in
      let locks = LockManager(process: bench.process)
      let a = Transaction(isolation: .readCommitted, processID: 1)
      let b = Transaction(isolation: .readCommitted, processID: 2)
      _ = locks.request(7, .rowExclusive, for: a)
      guard case .waits(let number) = locks.request(7, .rowExclusive, for: b) else {
        Issue.record("the lock was free")
        return
      }
      await #expect(throws: StorageError.lockNotAvailable) {
        try await locks.wait(for: number, until: bench.process.now + .milliseconds(50))
      }
      #expect(bench.process.now == .start + .milliseconds(50))
      locks.releaseAll(of: a)
      #expect(locks.lockCount == 0)
    }
  }

  /// Random requests and releases, against the definition: granted requests never conflict, and when
  /// all have ended nothing is left.
  @Test(arguments: 0..<200 as Range<UInt64>)
  func `never grants what conflicts`(seed: UInt64) {
    let crew = Crew()
    let random = RandomStream(seed: seed).fork("locks")
    let members = (0..<6).map { crew.member(Int32($0)) }
    var held: [(owner: Int, name: UInt64, mode: LockMode)] = []
    var wanted: [Int: (name: UInt64, mode: LockMode)] = [:]
    for _ in 0..<300 {
      let index = random.index(below: members.count)
      if members[index].waitingRequest < 0, let granted = wanted[index] {
        held.append((index, granted.name, granted.mode))
        wanted[index] = nil
      }
      if random.chance(0.2), wanted[index] == nil {
        crew.locks.releaseAll(of: members[index])
        held.removeAll { $0.owner == index }
      } else if wanted[index] == nil {
        let name = UInt64(random.index(below: 4))
        let mode = random.chance(0.5) ? LockMode.rowShare : .rowExclusive
        switch crew.locks.request(name, mode, for: members[index]) {
        case .granted: held.append((index, name, mode))
        case .waits: wanted[index] = (name, mode)
        case .deadlock: break
        }
      }
      for other in members.indices {
        if members[other].waitingRequest < 0, let granted = wanted[other] {
          held.append((other, granted.name, granted.mode))
          wanted[other] = nil
        }
      }
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
