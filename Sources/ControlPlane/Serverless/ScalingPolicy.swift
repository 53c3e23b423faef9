public import Simulation

/// How capacity follows load. A model: AWS publishes that capacity is measured every second, moves in
/// steps of 0.5 ACU, grows faster the larger it is, and shrinks gradually; it publishes no rate.
public struct ScalingPolicy: Hashable, Sendable {
  /// The CPU utilization that it aims at, in thousandths: the load at which more is given.
  public var targetUtilization = 700
  /// How much may be added per second, in thousandths of the present capacity. With 700 a saturated CPU
  /// doubles it in two seconds, from whatever it is, and takes nine from 0.5 to 16 ACU: independent measurements of
  /// such a climb lie between seconds and tens of seconds.
  public var growth = 700
  /// How much is taken away per second, in thousandths of the present capacity.
  public var shrinkage = 50
  /// How long less must have been enough before anything is taken away.
  public var coolDown = Interval.seconds(30)
  /// Connections that one ACU has memory for.
  ///
  /// Source: Aurora User Guide: `max_connections` of Aurora PostgreSQL with a maximum of 1 ACU.
  public var connectionsPerACU = 189

  public init() {}
}
