import Simulation
import Statistics
import Testing

@Suite struct `Fixed-point text` {
  @Test(arguments: [
    (3.14159, 2, "3.14"), (-3.14159, 3, "-3.142"), (0.5, 0, "1"), (-0.5, 0, "-1"),
    (0.0049, 2, "0.00"), (-0.0049, 2, "0.00"), (2.5, 1, "2.5"), (1e15, 3, "1000000000000000.000"),
    (1e22, 2, "10000000000000000000000.00"), (.nan, 2, "nan"), (-.infinity, 2, "-inf"),
    (1.8446744073709552e19, 0, "18446744073709551616"),
  ])
  func `has exactly as many decimals as were asked for`(value: Double, decimals: Int, text: String)
  {
    #expect(FixedPoint.string(value, decimals: decimals) == text)
  }

  @Test(arguments: [
    (1_234_567, 1_000_000, 3, "1.235"), (-1_500_000, 1_000_000, 0, "-2"), (999, 1_000, 1, "1.0"),
    (0, 1_000, 2, "0.00"), (Int64.max, 1_000_000_000, 9, "9223372036.854775807"),
    (59_999_999_999, 60_000_000_000, 9, "1.000000000"),
  ])
  func `converts nanoseconds without a floating point`(
    nanoseconds: Int64, unit: Int64, decimals: Int, text: String
  ) {
    #expect(FixedPoint.string(nanoseconds: nanoseconds, unit: unit, decimals: decimals) == text)
  }

  @Test(arguments: [
    (0, "0 s"), (17, "17 ns"), (999, "999 ns"), (1_000, "1.0 µs"), (9_949, "9.9 µs"),
    (9_951, "10 µs"), (999_499, "999 µs"), (999_999, "1.00 ms"), (12_345_678, "12.3 ms"),
    (999_499_999, "999 ms"), (999_999_999, "1.00 s"), (-1_250_000_000, "-1.25 s"),
    (31_940_000_000, "31.9 s"), (119_949_999_999, "119.9 s"), (120_000_000_000, "2 min 00 s"),
    (125_400_000_000, "2 min 05 s"), (7_200_000_000_000, "2 h 00 min"),
  ])
  func `chooses the unit of a duration after rounding`(nanoseconds: Int64, text: String) {
    #expect(FixedPoint.duration(nanoseconds: nanoseconds) == text)
  }

  @Test func `groups digits and scales bytes`() {
    #expect(FixedPoint.grouped(0) == "0")
    #expect(FixedPoint.grouped(-1_234_567) == "-1\u{202F}234\u{202F}567")
    #expect(FixedPoint.bytes(1023) == "1023 B")
    #expect(FixedPoint.bytes(1_536) == "1.5 KiB")
    #expect(FixedPoint.bytes(1_048_575) == "1.0 MiB")
    #expect(FixedPoint.padded(-7, width: 3) == "-007")
  }

  /// A double is a whole number of 2^-k; at nine decimals its text must round-trip to within half
  /// of the last decimal, over many magnitudes.
  @Test func `is within half a unit of the last decimal`() throws {
    let random = RandomStream(seed: 11)
    for _ in 0..<2_000 {
      let value = (random.unit() - 0.5) * Double(UInt64(1) << random.integer(below: 40))
      let back = try #require(Double(FixedPoint.string(value, decimals: 3)))
      #expect((back - value).magnitude <= 0.0005 + value.magnitude * 1e-15)
    }
  }
}
