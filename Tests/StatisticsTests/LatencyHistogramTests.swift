import Simulation
import Statistics
import Testing

@Suite struct `A latency histogram` {
  @Test func `answers nothing while it is empty`() {
    let histogram = LatencyHistogram()
    #expect(histogram.isEmpty && histogram.count == 0)
    #expect(histogram.quantile(0.5) == nil && histogram.mean == nil && histogram.max == nil)
  }

  /// Against the sorted samples themselves, over six decades.
  @Test(arguments: 0..<20 as Range<UInt64>)
  func `is within a thousandth of the exact quantile and never below it`(seed: UInt64) throws {
    let random = RandomStream(seed: seed)
    var histogram = LatencyHistogram()
    var samples: [Int64] = []
    for _ in 0..<1_000 {
      let sample = Int64(random.integer(below: UInt64(1) << (10 + random.integer(below: 30))))
      samples.append(sample)
      histogram.record(.nanoseconds(sample))
    }
    samples.sort()
    for quantile in [0.0, 0.01, 0.5, 0.95, 0.99, 0.999, 1.0] {
      let rank = max(1, Int((quantile * 1_000).rounded(.up)))
      let exact = samples[rank - 1]
      let found = try #require(histogram.quantile(quantile)).nanoseconds
      if quantile > 0 { #expect(found >= exact, "q\(quantile)") }
      #expect(found <= exact + exact / 1_000 + 1, "q\(quantile)")
    }
    #expect(histogram.max?.nanoseconds == samples.last)
    #expect(histogram.mean?.nanoseconds == samples.reduce(0, +) / 1_000)
  }

  @Test func `merges in any order to the same distribution`() {
    let random = RandomStream(seed: 3)
    var parts = [LatencyHistogram](repeating: LatencyHistogram(), count: 4)
    var whole = LatencyHistogram()
    for index in 0..<4_000 {
      let sample = random.exponential(mean: .milliseconds(1 + Int64(index % 4) * 40))
      parts[index % 4].record(sample)
      whole.record(sample)
    }
    var forwards = LatencyHistogram()
    var backwards = LatencyHistogram()
    for part in parts { forwards.merge(part) }
    for part in parts.reversed() { backwards.merge(part) }
    for merged in [forwards, backwards] {
      #expect(merged.count == 4_000)
      #expect(merged.mean == whole.mean && merged.max == whole.max)
      for quantile in [0.1, 0.5, 0.9, 0.99] {
        #expect(merged.quantile(quantile) == whole.quantile(quantile))
      }
    }
  }
}
