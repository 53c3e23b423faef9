/// How the network behaves when nothing is broken. A model; the defaults are of the order that people
/// measure inside one AWS Region: a quarter of a millisecond inside a zone, under one between zones.
public struct NetworkProfile: Sendable {
  public struct Path: Sendable {
    /// One way.
    public var latency: LatencyDistribution
    /// Probability that a packet is lost, from 0 to 1.
    public var loss: Double

    public init(latency: LatencyDistribution, loss: Double = 0) {
      (self.latency, self.loss) = (latency, loss)
    }

    /// The latency of one packet; `nil` if it is lost.
    @inline(__always)
    func draw(from random: RandomStream) -> Interval? {
      let drawn = latency.draw(from: random)
      return loss > 0 && random.chance(loss) ? nil : drawn
    }
  }

  public var sameHost = Path(latency: .constant(.microseconds(20)))
  public var sameZone = Path(
    latency: .lognormal(median: .microseconds(125), p99: .microseconds(450)))
  public var crossZone = Path(
    latency: .lognormal(median: .microseconds(400), p99: .microseconds(1_250)))
  /// Bandwidth of each host's interface, in bytes per second.
  public var bandwidth: Int64 = 1_250_000_000

  public init() {}
}
