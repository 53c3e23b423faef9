public import Simulation

/// What is to be wrong with a segment for a while, by order of an instance of the database.
///
/// Source: Aurora User Guide, "Testing Amazon Aurora PostgreSQL by using fault injection queries": requests to
/// the segments that are marked are blocked, or delayed by a random time within bounds.
public struct SegmentFault: Hashable, Sendable {
  public enum Effect: Hashable, Sendable {
    case blocked
    /// Each request by a time of its own, evenly between the bounds.
    case delayed(ClosedRange<Interval>)
  }

  /// No two injections of a run have the same.
  public var id: UInt64
  public var effect: Effect
  /// Whose requests are concerned; `nil` for everybody's, those of peers included.
  public var requester: HostID?

  public init(id: UInt64, effect: Effect, requester: HostID?) {
    (self.id, self.effect, self.requester) = (id, effect, requester)
  }
}
