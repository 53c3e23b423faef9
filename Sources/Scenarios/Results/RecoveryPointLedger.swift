public import Simulation

/// The recovery point as a ledger: what was acknowledged against what survived.
///
/// A commit in doubt, whose connection broke before the answer came, was never acknowledged: it may
/// survive or not, and is in neither `acknowledged` nor `lost`.
public struct RecoveryPointLedger: Codable, Equatable, Sendable {
  /// A transaction whose commit was acknowledged and which is not there any more.
  public struct LostTransaction: Codable, Equatable, Sendable {
    /// The token or label by which it can be found in the trace.
    public var label: String
    public var acknowledged: Instant
    /// Bytes of data that it had written, as the client counts them.
    public var bytes: Int

    public init(label: String, acknowledged: Instant, bytes: Int) {
      self.label = label
      self.acknowledged = acknowledged
      self.bytes = bytes
    }
  }

  /// Whether the database was read to its end; if not, nothing is known of what survived, and the
  /// counts of the surviving and the lost mean nothing.
  public var isComplete: Bool
  public var acknowledgedCount: Int
  public var survivingCount: Int
  public var lostCount: Int
  public var lostBytes: Int
  /// How old the oldest lost commit was when the failure struck that lost it: the age of the
  /// recovery point. Zero if nothing is lost.
  public var lostTime: Interval
  public var inDoubtCount: Int
  /// How many of those in doubt turned out to have been committed.
  public var inDoubtSurvivingCount: Int
  /// The first of the lost, in order of acknowledgement; `lostCount` counts them all.
  public var lost: [LostTransaction]

  /// A ledger without an entry, of a database that nobody has read.
  public init() {
    isComplete = false
    acknowledgedCount = 0
    survivingCount = 0
    lostCount = 0
    lostBytes = 0
    lostTime = .zero
    inDoubtCount = 0
    inDoubtSurvivingCount = 0
    lost = []
  }
}
