import Simulation
import Testing

@Suite struct `Virtual time in words` {
  @Test func `has six decimals, on either side of zero`() {
    let cases: [(nanoseconds: Int64, text: String)] = [
      (0, "0.000000s"), (12_345_678_901, "12.345678s"), (-500_000_000, "-0.500000s"),
      (-1_000_001_000, "-1.000001s"),
    ]
    for (nanoseconds, text) in cases {
      #expect("\(Instant(nanoseconds: nanoseconds))" == text)
    }
  }

  @Test func `says an interval in the largest unit that is exact`() {
    let cases: [(interval: Interval, text: String)] = [
      (.zero, "0s"), (.milliseconds(1_500), "1.5s"), (.microseconds(40), "40us"),
      (.minutes(90), "90m"), (.minutes(120), "2h"), (.nanoseconds(-7), "-7ns"),
    ]
    for (interval, text) in cases { #expect("\(interval)" == text) }
  }
}
