import Reports
import Simulation
import Testing

@testable import Scenarios

@Suite struct `Two runs side by side` {
  private static func result(_ metrics: [(String, String, Quantity)]) -> RunResult {
    var result = SampleResult.passing
    result.metrics = metrics.map {
      MetricResult(metric: $0.0, kind: $0.0, subject: "", statistic: $0.1, value: $0.2)
    }
    return result
  }

  @Test func `show what differs, by how much, and how much does not`() {
    let one = Self.result([
      ("oltp.latency", "p99", .duration(.milliseconds(10))), ("oltp.errors", "", .count(0)),
      ("acu", "mean", .capacity(2)), ("lag", "max", .duration(.milliseconds(5))),
    ])
    let other = Self.result([
      ("oltp.latency", "p99", .duration(.milliseconds(25))), ("oltp.errors", "", .count(12)),
      ("acu", "mean", .capacity(2)), ("oltp.throughput", "mean", .rate(40)),
    ])
    #expect(
      MetricComparison(one, other).text == """
        metric                       A        B     B - A
        oltp.latency     p99   10.0 ms  25.0 ms  +15.0 ms  +150.0 %
        oltp.errors                  0       12       +12
        lag              max   5.00 ms     none
        oltp.throughput  mean     none   40.0/s
        1 metric is equal

        """)
    #expect(MetricComparison(one, one).text == "4 metrics are equal\n")
  }

  @Test func `name each field that differs`() {
    let first = SampleResult.passing
    var second = first
    second.workloads[1].latency.p99 = .milliseconds(77)
    second.failovers[0].outages.removeLast()
    second.capacity[0].capacitySeconds += 1
    second.faults[0].end = nil
    let differences = RunComparison(first, second, names: ("before", "now")).differences
    let paths = differences.map { $0.prefix { $0 != " " } }
    #expect(
      paths == [
        "faults[0].end", "failovers[0].outages.count", "workloads[1].latency.p99",
        "capacity[0].capacitySeconds",
      ], "\(differences)")
    #expect(differences[2].hasSuffix(" before, 77ms now"), "\(differences[2])")
    #expect(differences[0].hasSuffix("before, none now"), "\(differences[0])")
    #expect(RunComparison(first, first, names: ("a", "b")).differences.isEmpty)
  }
}
