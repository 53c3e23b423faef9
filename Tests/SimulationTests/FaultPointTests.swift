import Simulation
import Testing

@Suite struct `A fault point` {
  private enum Point: String, FaultPoint {
    case first = "test.first"
    case second = "test.second"
  }

  /// What another version of a module calls its points.
  private enum Renumbered: String, FaultPoint {
    case added = "test.added"
    case second = "test.second"
    case first = "test.first"
  }

  private struct World {
    let simulation: Simulation
    let process: Process

    init(seed: Int, armed: Bool = true) {
      simulation = Simulation(seed: UInt64(seed))
      simulation.faultPoints.isArmed = armed
      process = simulation.addHost("h", in: nil, capacity: 1).start("p")
    }

    func passages(_ point: Point = .first) -> [Bool] {
      (0..<200).map { _ in process.buggify(point, chance: 0.5) }
    }
  }

  @Test func `is never taken in a run that is not armed`() {
    for seed in 1...20 {
      let taken = World(seed: seed, armed: false).passages()
      #expect(!taken.contains(true))
    }
  }

  @Test func `is live in about a quarter of the runs, and then taken about as often as it says`() {
    var live = 0
    for seed in 1...200 {
      let taken = World(seed: seed).passages().count { $0 }
      if taken > 0 {
        live += 1
        #expect((60...140).contains(taken))
      }
    }
    #expect((30...70).contains(live))
  }

  @Test func `leaves the draws of another alone`() {
    for seed in 1...40 {
      let alone = World(seed: seed).passages()
      let crowded = World(seed: seed)
      var mixed: [Bool] = []
      for _ in 0..<200 {
        _ = crowded.process.buggify(Point.second, chance: 0.5)
        mixed.append(crowded.process.buggify(Point.first, chance: 0.5))
      }
      #expect(mixed == alone)
    }
  }

  @Test func `is known by its name, wherever it stands`() {
    for seed in 1...40 {
      let moved = World(seed: seed)
      let passages = (0..<200).map { _ in moved.process.buggify(Renumbered.first, chance: 0.5) }
      #expect(passages == World(seed: seed).passages())
    }
    let differ = (1...40).contains { seed in
      World(seed: seed).passages(.first) != World(seed: seed).passages(.second)
    }
    #expect(differ, "two points of one file have streams of their own")
  }

  @Test func `of a name is taken where a fault forces it, while it does`() {
    let world = World(seed: 1, armed: false)
    let process = world.process
    #expect(!process.isForced("late"))
    let fault = ActiveFault(
      Fault(id: "f", kind: .forcedPoint("late"), targets: ["h"]), in: world.simulation)
    #expect(!fault.tookEffect)
    #expect(process.isForced("late") && !process.isForced("early"))
    fault.finish()
    #expect(!process.isForced("late"))
    #expect(fault.evidence == "late was passed 1 times")
  }

  @Test func `may set a tunable to an extreme`() {
    var drawn: Set<Int> = []
    for seed in 1...60 {
      let simulation = Simulation(seed: UInt64(seed))
      #expect(simulation.faultPoints.tunable("batch", 5, extremes: [1, 1_000]) == 5)
      simulation.faultPoints.isArmed = true
      drawn.insert(simulation.faultPoints.tunable("batch", 5, extremes: [1, 1_000]))
    }
    #expect(drawn == [1, 5, 1_000])
  }

  private enum Situation: String, Probe {
    case rare, never
  }

  @Test func `of the other kind counts what was met`() {
    let world = World(seed: 1)
    let process = world.process
    process.probe(Situation.rare)
    process.probe(Situation.rare)
    #expect(world.simulation.probes.count(of: Situation.rare.rawValue) == 2)
    #expect(world.simulation.probes.count(of: Situation.never.rawValue) == 0)
  }
}
