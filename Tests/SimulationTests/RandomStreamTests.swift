import Simulation
import Testing

@Suite struct `A random stream` {
  /// What three components draw; the middle one draws more often in some runs.
  private static func draws(extra: Int) -> [[UInt64]] {
    let simulation = Simulation(seed: 9)
    let streams = ["disk/a", "disk/b", "network"].map { simulation.random($0) }
    var draws: [[UInt64]] = [[], [], []]
    for _ in 0..<100 {
      for (index, stream) in streams.enumerated() { draws[index].append(stream.next()) }
      for _ in 0..<extra { _ = streams[1].next() }
    }
    return draws
  }

  @Test func `does not notice what others draw`() {
    let plain = Self.draws(extra: 0)
    let disturbed = Self.draws(extra: 3)
    #expect(plain[0] == disturbed[0])
    #expect(plain[2] == disturbed[2])
    #expect(plain[1] != disturbed[1])
    #expect(plain[0] != plain[1])
  }

  @Test func `depends on its name and the seed, not on when it was asked for`() {
    let first = Simulation(seed: 3)
    let second = Simulation(seed: 3)
    _ = second.random("other")
    #expect(first.random("one").next() == second.random("one").next())
    #expect(first.random("one").next() != Simulation(seed: 4).random("one").next())
  }

  @Test func `continues from a place alike, whatever was drawn before`() {
    let (first, second) = (Simulation(seed: 3).random("one"), Simulation(seed: 3).random("one"))
    _ = second.next()
    first.seek(to: 5)
    second.seek(to: 5)
    #expect(first.next() == second.next())
    second.seek(to: 6)
    #expect(first.next() != second.next())
  }

  @Test func `counts in the digest with every place that it has left`() {
    func digest(draws: Int) -> Digest {
      let simulation = Simulation(seed: 3)
      let stream = simulation.random("one")
      for _ in 0..<draws { _ = stream.next() }
      stream.seek(to: 1)
      return simulation.digest
    }
    #expect(digest(draws: 2) == digest(draws: 2))
    #expect(digest(draws: 2) != digest(draws: 3))
  }
}
