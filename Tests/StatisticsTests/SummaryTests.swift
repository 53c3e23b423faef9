import Simulation
import Statistics
import Testing

@Suite struct `A summary of samples` {
  @Test func `does not exist without samples`() { #expect(Summary(of: []) == nil) }

  @Test func `gives the textbook's numbers`() throws {
    let summary = try #require(Summary(of: [2, 4, 4, 4, 5, 5, 7, 9]))
    #expect(summary.mean == 5)
    #expect(summary.median == 4.5)
    #expect(summary.min == 2 && summary.max == 9 && summary.count == 8)
    let deviation = try #require(summary.standardDeviation)
    #expect((deviation - 2.138_089_935_299_395).magnitude < 1e-14)
    #expect(summary.quantile(0.25) == 4)
    #expect(try #require(Summary(of: [3])).standardDeviation == nil)
  }
}

@Suite struct `A confidence interval` {
  /// t(0.975; 9) = 2.262157, s = 3.027650: 5.5 ± 2.165850.
  @Test func `of a mean is Student's`() throws {
    let samples = (1...10).map(Double.init)
    let interval = try #require(ConfidenceInterval.mean(of: samples, confidence: 0.95))
    #expect(interval.estimate == 5.5)
    #expect((interval.lower - 3.334_149_4).magnitude < 1e-6)
    #expect((interval.upper - 7.665_850_6).magnitude < 1e-6)
    #expect(ConfidenceInterval.mean(of: [4], confidence: 0.95) == nil)
  }

  /// The median of ten lies between the second and the ninth with 97.9 %; of five, no range of
  /// samples holds it with 95 %.
  @Test func `of a median is the pair of order statistics in every table`() throws {
    let samples = (1...10).map { Double($0) * 10 }
    let interval = try #require(
      ConfidenceInterval.quantile(0.5, of: samples.reversed(), confidence: 0.95))
    #expect(interval.lower == 20 && interval.upper == 90 && interval.estimate == 55)
    #expect(
      ConfidenceInterval.quantile(0.5, of: Array(samples.prefix(5)), confidence: 0.95) == nil)
  }

  @Test func `of p95 takes 72 samples, and its upper bound 59`() {
    let samples = (1...72).map(Double.init)
    #expect(
      ConfidenceInterval.quantile(0.95, of: Array(samples.prefix(71)), confidence: 0.95) == nil)
    #expect(ConfidenceInterval.quantile(0.95, of: samples, confidence: 0.95)?.upper == 72)
    let fewest = Array(samples.prefix(59))
    #expect(
      ConfidenceInterval.upperBound(ofQuantile: 0.95, of: fewest, confidence: 0.95) == 59)
    #expect(
      ConfidenceInterval.upperBound(
        ofQuantile: 0.95, of: Array(fewest.prefix(58)), confidence: 0.95) == nil)
  }

  /// The promise itself: over many repetitions the range holds the true value often enough.
  @Test func `holds the true value as often as it says`() throws {
    let random = RandomStream(seed: 5)
    var (meanHits, quantileHits) = (0, 0)
    for _ in 0..<400 {
      let samples = (0..<80).map { _ in random.unit() }
      let mean = try #require(ConfidenceInterval.mean(of: samples, confidence: 0.9))
      let quantile = try #require(
        ConfidenceInterval.quantile(0.8, of: samples, confidence: 0.9))
      if mean.lower <= 0.5 && 0.5 <= mean.upper { meanHits += 1 }
      if quantile.lower <= 0.8 && 0.8 <= quantile.upper { quantileHits += 1 }
    }
    #expect((340...380).contains(meanHits))
    #expect(quantileHits >= 340)
  }
}

@Suite struct `A linear regression` {
  /// NIST's reference data set "Norris" (36 points), with its certified values.
  static let norris: [(x: Double, y: Double)] = [
    (0.2, 0.1), (337.4, 338.8), (118.2, 118.1), (884.6, 888.0), (10.1, 9.2), (226.5, 228.1),
    (666.3, 668.5), (996.3, 998.5), (448.6, 449.1), (777.0, 778.9), (558.2, 559.2), (0.4, 0.3),
    (0.6, 0.1), (775.5, 778.1), (666.9, 668.8), (338.0, 339.3), (447.5, 448.9), (11.6, 10.8),
    (556.0, 557.7), (228.1, 228.3), (995.8, 998.0), (887.6, 888.8), (120.2, 119.6), (0.3, 0.3),
    (0.3, 0.6), (556.8, 557.6), (339.1, 339.3), (887.2, 888.0), (999.0, 998.5), (779.0, 778.9),
    (11.1, 10.2), (118.3, 117.6), (229.2, 228.9), (669.1, 668.4), (448.9, 449.2), (0.5, 0.2),
  ]

  @Test func `finds the certified line of a reference data set`() throws {
    let line = try #require(LinearRegression(Self.norris))
    #expect((line.intercept - -0.262_323_073_774_029).magnitude < 1e-9)
    #expect((line.slope - 1.002_116_818_020_45).magnitude < 1e-12)
    #expect((line.determination - 0.999_993_745_883_712).magnitude < 1e-12)
    // The certified standard deviation of the slope times t(0.975; 34) = 2.0322445.
    let slope = line.slope(confidence: 0.95)
    #expect(
      ((slope.upper - slope.lower) / 2 - 0.429_796_848_199_937e-3 * 2.032_244_5).magnitude < 1e-9)
    let zero = line.height(at: 0, confidence: 0.95)
    #expect(zero.estimate == line.intercept)
    #expect(((zero.upper - zero.lower) / 2 - 0.232_818_234_301_152 * 2.032_244_5).magnitude < 1e-6)
  }

  @Test func `does not exist for points that fix no line`() {
    #expect(LinearRegression([(1, 2), (2, 3)]) == nil)
    #expect(LinearRegression([(1, 2), (1, 3), (1, 4)]) == nil)
  }
}
