import Simulation
import Testing

/// What each fault of a disk does to real bytes.
@Suite struct `A fault of a disk` {
  /// A host that writes numbered blocks, and a program that notes how its flushes end.
  private final class World: DiskClient {
    let simulation = Simulation(seed: 5)
    let host: Host
    let disk: Disk
    var process: Process
    var outcomes: [Bool] = []
    var instants: [Instant] = []

    init(profile: DiskProfile = DiskProfile()) {
      host = simulation.addHost("h", in: nil, capacity: 1)
      disk = Disk(name: "d", host: host, profile: profile)
      process = host.start("writer")
    }

    func diskDidComplete(_ token: UInt64, _ outcome: DiskOutcome) {
      if case .failed = outcome { outcomes.append(false) } else { outcomes.append(true) }
      instants.append(simulation.now)
    }

    static func block(_ number: Int) -> [UInt8] { [UInt8](repeating: UInt8(number), count: 4096) }

    /// Writes and flushes blocks, one after another.
    func write(_ numbers: Range<Int>) {
      for number in numbers {
        disk.write(Self.block(number), at: number * 4096)
        disk.flush(for: process, self, token: UInt64(number))
        simulation.loop.run(until: simulation.now + .milliseconds(5))
      }
    }

    func wrong(_ numbers: Range<Int>) -> Int {
      numbers.count { disk.contents(at: $0 * 4096, count: 4096) != Self.block($0) }
    }

    func begin(_ kind: Fault.Kind) -> ActiveFault {
      ActiveFault(Fault(id: "f", kind: kind, targets: ["h"]), in: simulation)
    }
  }

  @Test func `fails when there is no space, and keeps what there was`() {
    let world = World()
    world.write(1..<5)
    let fault = world.begin(.disk(.full))
    world.write(5..<8)
    fault.finish()
    world.write(8..<10)
    #expect(world.outcomes == [true, true, true, true, false, false, false, true, true])
    #expect(world.wrong(1..<5) == 0)
    #expect(fault.tookEffect)
  }

  @Test func `lies about flushes, so that power loss takes what was acknowledged`() {
    let world = World()
    let fault = world.begin(.disk(.forgetsFlushes))
    world.write(1..<9)
    #expect(world.outcomes == Array(repeating: true, count: 8))
    world.host.crash(.areLost)
    #expect(world.wrong(1..<9) == 8)
    #expect(fault.evidence == "8 disk operations disturbed")
  }

  @Test func `tears a write when power goes in the middle of it`() {
    let world = World()
    world.write(1..<3)
    let fault = world.begin(.tornWrites)
    #expect(world.host.isUp)
    world.disk.write(World.block(3), at: 3 * 4096)
    world.simulation.loop.run(until: world.simulation.now + .milliseconds(1))
    #expect(!world.host.isUp)
    fault.finish()
    #expect(world.host.isUp)
    let torn = world.disk.contents(at: 3 * 4096, count: 4096)
    let kept = torn.prefix { $0 == 3 }.count
    #expect(kept > 0 && kept < 4096 && kept % 512 == 0)
    #expect(torn.dropFirst(kept).allSatisfy { $0 == 0 })
    #expect(world.wrong(1..<3) == 0)
    #expect(fault.tookEffect)
  }

  @Test func `flips as many bits as it says`() {
    let world = World()
    world.write(1..<16)
    let before = world.disk.contents(at: 0, count: 65_536)
    let fault = world.begin(.bitRot(bits: 7))
    let after = world.disk.contents(at: 0, count: 65_536)
    let flipped = zip(before, after).reduce(0) { $0 + ($1.0 ^ $1.1).nonzeroBitCount }
    #expect(flipped == 7)
    #expect(fault.evidence == "7 bits flipped")
  }

  @Test func `leads writes astray, and tells nobody`() {
    let world = World()
    let fault = world.begin(.disk(.misdirectingWrites(0.5)))
    world.write(20..<60)
    fault.finish()
    #expect(world.outcomes == Array(repeating: true, count: 40))
    #expect((10...30).contains(world.wrong(20..<60)))
  }

  @Test func `leads reads astray, and leaves the medium alone`() {
    let world = World()
    world.write(20..<60)
    let fault = world.begin(.disk(.misdirectingReads(0.5)))
    let reader = Reader()
    for number in 20..<60 {
      world.disk.read(
        at: number * 4096, count: 4096, for: world.process, reader, token: UInt64(number))
    }
    world.simulation.loop.run(until: world.simulation.now + .seconds(1))
    #expect((10...30).contains(reader.wrong))
    #expect(world.wrong(20..<60) == 0)
    #expect(fault.tookEffect)
  }

  private final class Reader: DiskClient {
    var wrong = 0
    func diskDidComplete(_ token: UInt64, _ outcome: DiskOutcome) {
      if case .bytes(let bytes) = outcome, bytes.contains(where: { $0 != UInt8(token) }) {
        wrong += 1
      }
    }
  }

  @Test(arguments: [Fault.Kind.hostLoss, .diskLoss])
  func `that loses it leaves a blank one`(kind: Fault.Kind) {
    let world = World()
    world.write(1..<9)
    let fault = world.begin(kind)
    fault.finish()
    #expect(world.host.isUp)
    #expect(!world.process.isAlive)
    #expect(world.disk.contents(at: 0, count: 65_536).allSatisfy { $0 == 0 })
    #expect(fault.tookEffect)
  }

  @Test func `of zero intensity changes nothing`() {
    func instants(_ kind: Fault.Kind?) -> [Instant] {
      let world = World()
      let fault = kind.map { world.begin($0) }
      world.write(1..<30)
      #expect(fault?.tookEffect != true)
      #expect(world.wrong(1..<30) == 0)
      return world.instants
    }
    let calm = instants(nil)
    for fault in [
      DiskFault.slow(factor: 1), .stalling(stall: .zero, period: .seconds(1)), .failing(0),
      .misdirectingWrites(0), .misdirectingReads(0), .delayed(by: .constant(.zero)),
    ] {
      #expect(instants(.disk(fault)) == calm, "\(fault)")
    }
    #expect(instants(.bitRot(bits: 0)) == calm)
  }

  /// A drive that needs 1 ms for each of ten reads, which are asked of it at once.
  private static func queued(_ change: (World) -> Void) -> [Interval] {
    var profile = DiskProfile(
      read: .constant(.zero), write: .constant(.zero), flush: .constant(.zero),
      throughput: 1_000_000_000, requestRate: 1_000)
    profile.requestBurst = 0
    let world = World(profile: profile)
    for number in 0..<10 {
      world.disk.read(at: 0, count: 0, for: world.process, world, token: UInt64(number))
    }
    change(world)
    world.simulation.loop.run(until: .start + .seconds(10))
    return world.instants.map(\.sinceStart)
  }

  private static func run(_ world: World, to milliseconds: Int64) {
    world.simulation.loop.run(until: .start + .milliseconds(milliseconds))
  }

  @Test func `slows down what is queued from its beginning on, and no longer than to its end`() {
    let calm = Self.queued { _ in }
    #expect(calm == (1...10).map { .milliseconds($0) })
    let slowed = Self.queued { world in
      Self.run(world, to: 2)
      let fault = world.begin(.disk(.slow(factor: 10)))
      Self.run(world, to: 22)
      fault.finish()
      #expect(fault.evidence == "8 disk operations disturbed")
    }
    // Two are done by then, two more in 20 ms, and the other six at the old speed.
    let expected: [Int64] = [1, 2, 12, 22, 23, 24, 25, 26, 27, 28]
    #expect(slowed == expected.map { .milliseconds($0) })
  }

  @Test func `stalls what is under way, too`() {
    let stalled = Self.queued { world in
      Self.run(world, to: 2)
      let fault = world.begin(.disk(.stalling(stall: .milliseconds(30), period: .milliseconds(34))))
      Self.run(world, to: 70)
      fault.finish()
    }
    // Still from 2 to 32 ms, and from 36 to 66 ms.
    let expected: [Int64] = [1, 2, 33, 34, 35, 36, 67, 68, 69, 70]
    #expect(stalled == expected.map { .milliseconds($0) })
  }

  @Test func `lets the disk stand still when two of them overlap, until both are over`() {
    let stalled = Self.queued { world in
      let slow = world.begin(.disk(.slow(factor: 2)))
      let stall = world.begin(.disk(.stalling(stall: .seconds(1), period: .seconds(2))))
      Self.run(world, to: 50)
      stall.finish()
      Self.run(world, to: 54)
      slow.finish()
    }
    let expected: [Int64] = [52, 54, 55, 56, 57, 58, 59, 60, 61, 62]
    #expect(stalled == expected.map { .milliseconds($0) })
  }

  @Test func `adds its delay to each operation, and takes no bandwidth`() {
    let world = World(
      profile: DiskProfile(
        read: .constant(.milliseconds(1)), write: .constant(.zero), flush: .constant(.zero),
        throughput: 1_000_000_000, requestRate: 1_000_000))
    let fault = world.begin(.disk(.delayed(by: .constant(.milliseconds(5)))))
    for number in 0..<3 {
      world.disk.read(at: 0, count: 1, for: world.process, world, token: UInt64(number))
    }
    Self.run(world, to: 100)
    fault.finish()
    world.disk.read(at: 0, count: 1, for: world.process, world, token: 4)
    Self.run(world, to: 200)
    #expect(world.instants.map(\.sinceStart) == [6, 6, 6, 101].map { .milliseconds($0) })
    #expect(fault.evidence == "3 disk operations disturbed")
  }

  @Test func `is not needed for a disk to be slower than what is asked of it`() {
    // A thousand requests at once, of a drive that takes 10,000 a second and 100 of them at once.
    var profile = DiskProfile(
      read: .constant(.zero), write: .constant(.zero), flush: .constant(.zero),
      throughput: 1_000_000_000, requestRate: 10_000)
    profile.requestBurst = 100
    let world = World(profile: profile)
    for number in 0..<1_000 {
      world.disk.read(
        at: 0, count: 512, for: world.process, world, token: UInt64(number))
    }
    world.simulation.loop.run(until: .start + .seconds(1))
    #expect(world.instants.count == 1_000)
    #expect(world.instants[99] == .start)
    #expect(world.instants[999] - .start == .milliseconds(90))
  }
}
