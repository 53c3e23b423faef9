public import CGSL

/// A named, seeded stream of randomness: xoshiro256**, seeded by SplitMix64.
///
/// Every component forks its own stream by name from the run's seed, so that one more draw in the
/// disk model cannot shift what the network model draws, and two variants of a run share their luck.
///
/// It does not conform to `RandomNumberGenerator` on purpose: the algorithms behind
/// `.random(in:using:)` and `shuffled(using:)` may change with the toolchain.
///
/// Source: Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2018.
public final class RandomStream {
  private let seed: UInt64
  private var state = borealis_xoshiro()
  /// Hash of all earlier positions, those that ``seek(to:)`` has left, for the digest.
  private var past: UInt64 = 0

  public init(seed: UInt64) {
    self.seed = seed
    borealis_xoshiro_seed(&state, seed)
  }

  /// The stream of this name: always the same, however much this one has drawn.
  public func fork(_ name: String) -> RandomStream {
    // FNV-1a, since `Hasher` is seeded per process.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return RandomStream(seed: Digest.mix(seed ^ Digest.mix(hash)))
  }

  /// Goes to a place: what comes after it depends on the stream's name and the place alone, however much was
  /// drawn before.
  public func seek(to place: Int) {
    let words = state.words
    past = Digest.mix(past ^ words.0 ^ words.2) ^ words.1 ^ words.3
    borealis_xoshiro_seed(&state, Digest.mix(seed &+ Digest.mix(UInt64(bitPattern: Int64(place)))))
  }

  public func next() -> UInt64 { borealis_xoshiro_next(&state) }

  /// A number in `0..<bound` without bias (Lemire's method).
  public func integer(below bound: UInt64) -> UInt64 {
    precondition(bound > 0, "an empty range has no members to draw from")
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let threshold = (0 &- bound) % bound
      while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
    }
    return product.high
  }

  public func index(below count: Int) -> Int { Int(integer(below: UInt64(count))) }

  public func interval(in range: ClosedRange<Interval>) -> Interval {
    let width = UInt64(range.upperBound.nanoseconds - range.lowerBound.nanoseconds)
    return range.lowerBound + .nanoseconds(Int64(integer(below: width + 1)))
  }

  /// A number in `0..<1` with 53 random bits.
  public func unit() -> Double { Double(next() >> 11) * 0x1.0p-53 }

  /// True with the given probability; always draws once, so that a probability of zero shifts nothing.
  public func chance(_ probability: Double) -> Bool { unit() < probability }

  /// An exponentially distributed interval: the gaps of a Poisson process.
  public func exponential(mean: Interval) -> Interval {
    let draw = withGenerator { gsl_ran_exponential($0, Double(mean.nanoseconds)) }
    return .nanoseconds(Int64(draw.rounded()))
  }

  /// Fisher and Yates' shuffle.
  public func shuffle<Element>(_ elements: inout [Element]) {
    var index = elements.count
    while index > 1 {
      index -= 1
      elements.swapAt(index, self.index(below: index + 1))
    }
  }

  /// Lends this stream to GSL's distributions as a generator of GSL's own kind.
  ///
  /// - Parameter body: must not keep the pointer.
  public func withGenerator<Result>(_ body: (UnsafePointer<gsl_rng>) -> Result) -> Result {
    withUnsafeMutablePointer(to: &state) { state in
      var generator = gsl_rng(type: borealis_gsl_generator(), state: UnsafeMutableRawPointer(state))
      return withUnsafePointer(to: &generator, body)
    }
  }

  /// Folds the position of the stream into a digest: two runs that agree here drew alike.
  func fold(into digest: inout Digest) {
    let words = state.words
    digest.fold(past)
    digest.fold(words.0 ^ words.2)
    digest.fold(words.1 ^ words.3)
  }
}
