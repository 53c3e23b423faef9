import Simulation
import Testing

@Suite struct `A distribution of latencies` {
  private static func draws(_ shape: LatencyDistribution.Shape, _ count: Int) -> [Interval] {
    let distribution = LatencyDistribution(shape)
    let random = RandomStream(seed: 11)
    return (0..<count).map { _ in distribution.draw(from: random) }
  }

  /// Of each shape: what is exceeded with a probability of one in ten thousand and of one in a hundred thousand. The
  /// last node of a table with 4,096 of them is exceeded once in 8,192.
  @Test(arguments: [
    (LatencyDistribution.Shape.exponential(mean: .milliseconds(1)), 9.2103, 11.5129),
    (.lognormal(median: .milliseconds(1), p99: .milliseconds(4)), 9.1724, 12.6969),
    (.normal(mean: .milliseconds(10), deviation: .milliseconds(1)), 13.7190, 14.2649),
    (.lognormal(median: .seconds(10), p99: .seconds(40)), 91_724, 126_969),
  ])
  func `has the tail of its shape, far beyond its table`(
    shape: LatencyDistribution.Shape, rare: Double, rarer: Double
  ) {
    let draws = Self.draws(shape, 1_000_000)
    let exceeded = [rare, rarer].map { bound in draws.count { $0.milliseconds > bound } }
    #expect((60...140).contains(exceeded[0]), "\(exceeded)")
    #expect((1...25).contains(exceeded[1]), "\(exceeded)")
  }

  @Test func `never leaves its bounds`() {
    let draws = Self.draws(.uniform(.milliseconds(2), .milliseconds(3)), 200_000)
    #expect(draws.allSatisfy { .milliseconds(2) <= $0 && $0 <= .milliseconds(3) })
    let normal = Self.draws(.normal(mean: .zero, deviation: .milliseconds(1)), 200_000)
    #expect(normal.allSatisfy { $0 >= .zero })
  }

  @Test func `draws alike from two streams of one seed`() {
    let shape = LatencyDistribution.Shape.lognormal(
      median: .microseconds(90), p99: .microseconds(350))
    #expect(Self.draws(shape, 50_000) == Self.draws(shape, 50_000))
  }
}
