import Scenarios
import Simulation
import Testing

@testable import Reports

@Suite struct `A waterfall in words` {
  /// Phases in any order, some more than once: each has one span, and nothing is lost.
  @Test(arguments: 0..<100 as Range<UInt64>)
  func `adds up exactly, also when it is rounded`(seed: UInt64) throws {
    let random = RandomStream(seed: seed)
    let start = Instant.start + random.interval(in: .zero ... .seconds(100))
    let phases = Waterfall.Phase.allCases
    let stretches = (0..<random.index(below: 20)).map { _ in
      (
        phase: phases[random.index(below: phases.count)],
        duration: random.interval(in: .zero ... .seconds(9))
      )
    }
    let waterfall = Waterfall(from: start, stretches: stretches)
    #expect(Set(waterfall.spans.map(\.phase)).count == waterfall.spans.count)
    #expect(waterfall.end == stretches.reduce(start) { $0 + $1.duration })
    func tenths(_ text: String) throws -> Int {
      try #require(Int(text.filter(\.isNumber)))
    }
    let parts = try waterfall.roundedMilliseconds.map(tenths).reduce(0, +)
    #expect(parts == (try tenths(waterfall.roundedTotalMilliseconds)))
  }
}

@Suite struct `An axis` {
  @Test func `has round ticks that reach the largest value`() {
    for (largest, ticks) in [
      (63.0, [0.0, 20, 40, 60, 80]), (80, [0, 20, 40, 60, 80]), (3, [0, 1, 2, 3]),
      (0.7, [0, 0.5, 1]), (0, [0, 0.5]),
    ] { #expect(ValueScale(fitting: [largest], unit: .rate).ticks == ticks, "\(largest)") }
  }

  @Test func `shows small shares as large as great ones`() {
    for (largest, ticks) in [
      (0.007, [0.0, 0.01]), (0.12, [0, 0.05, 0.1, 0.15]), (0.38, [0, 0.25, 0.5]), (1, [0, 0.5, 1]),
    ] {
      let scale = ValueScale(fitting: [largest], unit: .share)
      #expect(scale.ticks.map { ($0 * 100).rounded() / 100 } == ticks, "\(largest)")
    }
  }

  @Test func `is logarithmic for durations of very different sizes, and for nothing else`() {
    let values = [0.004, 0.02, 12.0]
    let scale = ValueScale(fitting: values, unit: .duration)
    #expect(scale.isLogarithmic)
    #expect(scale.ticks.map(scale.label) == ["10 ms", "100 ms", "1 s", "10 s"])
    #expect(scale.position(of: 0.02) > scale.position(of: 0.004))
    #expect((0...1).contains(scale.position(of: 12)) && scale.position(of: 0.004) > 0)
    #expect(!ValueScale(fitting: values, unit: .rate).isLogarithmic)
    #expect(!ValueScale(fitting: [0.004, 0.02], unit: .duration).isLogarithmic)
    #expect(!ValueScale(fitting: [], unit: .duration).isLogarithmic)
  }

  @Test func `knows logarithms without the C library`() {
    for exponent in -12...12 {
      #expect(Decimals.logarithm(Decimals.power(exponent)) == Double(exponent))
    }
    #expect((Decimals.logarithm(2) - 0.301_029_995_663_981_2).magnitude < 1e-14)
    #expect((Decimals.logarithm(1234.5) - 3.091_491_094_267_951).magnitude < 1e-14)
    #expect(Decimals.trimmed(2.500) == "2.5" && Decimals.trimmed(30) == "30")
  }

  @Test(arguments: [(4, 5), (59, 6), (240, 9), (1_200, 11), (5_400, 10), (90_000, 5)])
  func `has at most eleven round ticks of time`(seconds: Int64, count: Int) {
    let axis = TimeAxis(end: .start + .seconds(seconds), left: 0, right: 100)
    #expect(axis.ticks.count == count)
    #expect(axis.ticks.allSatisfy { (0...100).contains(axis.x($0)) })
  }

  @Test func `labels time as minutes and seconds`() {
    #expect(TimeAxis.label(of: .start + .seconds(65)) == "1:05")
    #expect(TimeAxis.label(of: .start + .seconds(3_725)) == "1:02:05")
  }
}

@Suite struct `The placement of labels` {
  @Test(arguments: 0..<100 as Range<UInt64>)
  func `keeps labels apart, in their order and inside`(seed: UInt64) {
    let random = RandomStream(seed: seed)
    let wished = (0..<(1 + random.index(below: 6))).map { _ in random.unit() * 100 }
    let places = LabelPlacement.spread(wished, spacing: 15, within: 0...100)
    let order = wished.indices.sorted { wished[$0] < wished[$1] }
    #expect(order.map { places[$0] } == places.sorted())
    for (upper, lower) in zip(places.sorted(), places.sorted().dropFirst()) {
      #expect(lower - upper >= 15 - 1e-9)
    }
    #expect(places.allSatisfy { (0...100).contains($0) })
  }

  @Test func `moves nothing that has room`() {
    #expect(LabelPlacement.spread([80, 10, 40], spacing: 15, within: 0...100) == [80, 10, 40])
  }

  @Test func `gives overlapping faults rows of their own`() {
    #expect(LabelPlacement.rows(for: [(0, 10), (5, 20), (10, 12), (12, 30)]) == [0, 1, 0, 0])
  }
}

@Suite struct `The series of a chart` {
  @Test func `puts buckets together only when there are too many`() {
    var series = TimeSeries(bucket: .seconds(1), count: 1_000)
    series.workloads = [
      .init(
        id: "w", committed: Array(repeating: 10, count: 1_000),
        errors: Array(repeating: 0, count: 1_000),
        p50: Array(repeating: .milliseconds(5), count: 1_000),
        p99: (0..<1_000).map { $0 == 501 ? .seconds(2) : $0 < 300 ? nil : .milliseconds(9) })
    ]
    let end = Instant.start + .milliseconds(999_500)
    let bucketed = BucketedSeries(series, end: end)
    #expect(bucketed.borders.count == 335 && bucketed.borders.last == end)
    let rates = bucketed.rates(series.workloads[0].committed)
    #expect(rates.count == 334 && rates.dropLast().allSatisfy { $0 == 10 })
    let worst = bucketed.worst(series.workloads[0].p99)
    #expect(worst[99] == nil && worst[100] == 0.009 && worst[167] == 2)
    #expect(
      bucketed.mean(series.workloads[0].p50, weights: series.workloads[0].committed)[7] == 0.005)

    series.count = 300
    #expect(BucketedSeries(series, end: .start + .seconds(300)).borders.count == 301)
  }
}
