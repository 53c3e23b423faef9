import Testing

@testable import Simulation

/// The vCPUs of a host: how they are shared, and what becomes of work under way when something changes.
@Suite struct `A processor` {
  private final class World {
    let simulation = Simulation(seed: 1)
    let host: Host
    let process: Process
    /// When each piece of work was done, by its name.
    var ends: [String: Interval] = [:]

    init(_ capacity: Double) {
      host = simulation.addHost("h", in: nil, capacity: capacity)
      process = host.start("p")
    }

    var processor: Processor { host.processor }

    /// Begins work now.
    func begin(_ name: String, _ milliseconds: Int64, in process: Process? = nil) {
      let process = process ?? self.process
      process.spawn { [self] in
        try await process.compute(.milliseconds(milliseconds))
        ends[name] = simulation.now.sinceStart
      }
    }

    func run(to milliseconds: Int64) {
      simulation.loop.run(until: .start + .milliseconds(milliseconds))
    }
  }

  @Test func `shares its vCPUs among all that run`() {
    let world = World(2)
    for number in 0..<4 { world.begin("\(number)", 10) }
    world.run(to: 100)
    #expect(world.ends.count == 4)
    #expect(world.ends.values.allSatisfy { $0 == .milliseconds(20) }, "\(world.ends)")
  }

  @Test func `gives no piece of work more than one vCPU`() {
    let world = World(4)
    world.begin("alone", 10)
    world.run(to: 100)
    #expect(world.ends == ["alone": .milliseconds(10)])
  }

  @Test func `has a fraction of a vCPU, if that is its capacity`() {
    let half = World(0.5)
    half.begin("alone", 10)
    let more = World(1.5)
    for name in ["a", "b"] { more.begin(name, 15) }
    half.run(to: 100)
    more.run(to: 100)
    #expect(half.ends == ["alone": .milliseconds(20)])
    #expect(more.ends == ["a": .milliseconds(20), "b": .milliseconds(20)])
  }

  @Test func `does not let a long piece of work hold up a short one`() {
    let world = World(1)
    world.begin("long", 1_000)
    world.run(to: 100)
    world.begin("short", 10)
    world.run(to: 2_000)
    #expect(world.ends == ["short": .milliseconds(120), "long": .milliseconds(1_010)])
  }

  @Test func `does what is queued at its present speed when it grows`() {
    let world = World(0.5)
    for number in 0..<10 { world.begin("\(number)", 10) }
    world.run(to: 100)
    #expect(world.ends.isEmpty)
    world.processor.resize(to: 10)
    world.run(to: 1_000)
    // Half of the work was done in 100 ms, and each of the ten has 5 ms left, on a vCPU of its own.
    #expect(world.ends.count == 10)
    #expect(world.ends.values.allSatisfy { $0 == .milliseconds(105) }, "\(world.ends)")
  }

  @Test func `does what is queued at its present speed when a slow-down has ended`() {
    let world = World(1)
    let fault = ActiveFault(
      Fault(id: "f", kind: .cpuTheft(factor: 10), targets: ["h"]), in: world.simulation)
    world.begin("a", 10)
    world.begin("b", 20)
    world.run(to: 100)
    fault.finish()
    world.run(to: 1_000)
    #expect(world.ends == ["a": .milliseconds(110), "b": .milliseconds(120)])
    #expect(
      fault.evidence == "CPU work took 10 times as long; neighbours took 90000 µs of its time")
  }

  @Test func `does no more of work that is cut short`() {
    let world = World(1)
    var token: WaitToken?
    world.process.spawn {
      try await world.process.compute(.milliseconds(100)) { token = $0 }
      world.ends["cut"] = world.simulation.now.sinceStart
    }
    world.begin("other", 30)
    world.run(to: 20)
    if let token { world.process.cutShort(token) }
    world.run(to: 1_000)
    // Each has had half of 20 ms; then the other one has all.
    #expect(world.ends == ["cut": .milliseconds(20), "other": .milliseconds(40)])
    #expect(world.processor.busy == .milliseconds(40) && world.processor.runnable == 0)
  }

  @Test func `counts time as busy while it passes, and never more than there is`() {
    let world = World(2)
    var looks: [Double] = []
    var before = world.processor.usage
    func look() {
      let usage = world.processor.usage
      looks.append(usage.utilization(since: before))
      before = usage
    }
    for number in 0..<6 { world.begin("\(number)", 1_000) }
    world.run(to: 1_000)
    look()
    let theft = ActiveFault(
      Fault(id: "f", kind: .cpuTheft(factor: 4), targets: ["h"]), in: world.simulation)
    world.run(to: 2_000)
    look()
    theft.finish()
    world.processor.resize(to: 4)
    world.run(to: 2_500)
    look()
    world.run(to: 10_000)
    look()
    #expect(looks[0] == 1 && looks[1] == 1 && looks[2] == 1)
    // 6 s of work: 2 s, then 0.5 s, then at 4 vCPUs.
    let late = world.processor.busy - .milliseconds(2_000 + 2_000 + 3_500)
    #expect(.zero <= late && late < .nanoseconds(10))
    #expect(world.processor.timeStolen == .milliseconds(1_500))
    #expect(abs(looks[3] - 1.5 / 4 / 7.5) < 1e-8)
    look()
    #expect(looks[4] == 0, "no time has passed")
  }

  @Test func `leaves the time to others when a process ends`() {
    let world = World(1)
    let other = world.host.start("other")
    world.begin("mine", 10)
    world.begin("others", 10, in: other)
    world.run(to: 10)
    other.end()
    world.run(to: 100)
    #expect(world.ends == ["mine": .milliseconds(15)])
    #expect(world.processor.runnable == 0)
  }

  @Test func `does nothing for a process that is paused`() {
    let world = World(1)
    let other = world.host.start("other")
    world.begin("mine", 10)
    world.begin("others", 10, in: other)
    world.run(to: 10)
    other.pause()
    world.run(to: 50)
    #expect(world.ends == ["mine": .milliseconds(15)])
    other.resume()
    world.run(to: 100)
    #expect(world.ends == ["mine": .milliseconds(15), "others": .milliseconds(55)])
    #expect(world.processor.busy == .milliseconds(20))
  }

  @Test func `forgets all work when the host loses power`() {
    let world = World(1)
    world.begin("lost", 10)
    world.run(to: 5)
    world.host.crash()
    world.host.boot()
    let again = world.host.start("again")
    world.begin("again", 10, in: again)
    world.run(to: 100)
    #expect(world.ends == ["again": .milliseconds(15)])
  }

  private final class Told: EventTarget {
    var times: [Interval] = []
    let simulation: Simulation
    init(_ simulation: Simulation) { self.simulation = simulation }
    func fire(_ token: UInt64) { times.append(simulation.now.sinceStart) }
  }

  @Test func `tells when the work is done that nobody waited for at first`() {
    let world = World(1)
    let told = Told(world.simulation)
    #expect(world.process.finishWork(telling: told, token: 1), "there is none")
    let before = world.simulation.loop.eventCount
    world.process.charge(.milliseconds(10))
    world.process.charge(.milliseconds(20))
    world.run(to: 25)
    #expect(world.simulation.loop.eventCount == before, "its end is no event")
    #expect(world.processor.runnable == 1)
    #expect(!world.process.finishWork(telling: told, token: 1))
    world.process.charge(.milliseconds(10))
    world.run(to: 100)
    #expect(told.times == [.milliseconds(35)])
    #expect(world.process.finishWork(telling: told, token: 1))
  }

  @Test func `tells of the work of a paused process when all of it is done`() {
    let world = World(1)
    let told = Told(world.simulation)
    world.process.charge(.milliseconds(20))
    world.process.charge(.milliseconds(10))
    world.process.pause()
    #expect(!world.process.finishWork(telling: told, token: 1))
    world.run(to: 50)
    world.process.resume()
    world.run(to: 100)
    #expect(told.times == [.milliseconds(80)])
  }

  /// Against a slow and obvious model: tiny steps of time, in each of which all work gets its share.
  @Test(arguments: 0..<20 as Range<UInt64>)
  func `agrees with a model that goes step by step`(seed: UInt64) {
    let world = World(1)
    let random = RandomStream(seed: seed)
    struct Piece {
      let name: String
      var left: Double
      var end: Double?
    }
    var pieces: [Piece] = []
    var (capacity, theft) = (1.0, 1.0)
    // In microseconds.
    let step = 1.0
    for tick in 0..<2_500 {
      world.simulation.loop.run(until: .start + .microseconds(Int64(tick)))
      if random.chance(0.012) {
        let cost = Int64(random.index(below: 200) + 1)
        let name = "\(pieces.count)"
        pieces.append(Piece(name: name, left: Double(cost)))
        world.process.spawn {
          try await world.process.compute(.microseconds(cost))
          world.ends[name] = world.simulation.now.sinceStart
        }
        world.simulation.loop.run(until: world.simulation.now)
      }
      if random.chance(0.01) {
        capacity = Double(random.index(below: 16) + 1) / 8
        world.processor.resize(to: capacity)
      }
      if random.chance(0.01) {
        let factor = random.index(below: 3) + 1
        world.processor.giveBack(Int(theft))
        world.processor.steal(factor)
        theft = Double(factor)
      }
      if random.chance(0.1) { _ = world.processor.usage }
      let running = pieces.indices.filter { pieces[$0].end == nil }
      var remaining = step
      // Within a step some end, after which the others have more.
      var active = running
      while remaining > 0, !active.isEmpty {
        let share = min(1, capacity / Double(active.count)) / theft
        let first = active.map { pieces[$0].left }.min() ?? 0
        let length = min(remaining, first / share)
        for index in active { pieces[index].left -= length * share }
        remaining -= length
        for index in active where pieces[index].left < 1e-9 {
          pieces[index].end = Double(tick) + step - remaining
        }
        active.removeAll { pieces[$0].end != nil }
      }
    }
    var compared = 0
    for piece in pieces {
      guard let end = piece.end, let measured = world.ends[piece.name] else { continue }
      #expect(
        abs(Double(measured.nanoseconds) - end * 1_000) < 30, "\(piece.name): \(measured), \(end)")
      compared += 1
    }
    #expect(compared > 3)
  }
}
