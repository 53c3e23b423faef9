public import Simulation

/// What one fault was meant to do, whom it hit, and whether it was seen to act.
public struct FaultResult: Codable, Equatable, Sendable {
  /// The scenario's name for it.
  public var id: String
  /// The kind as the scenario words it, such as `outage` or `partition`.
  public var kind: String
  /// The targets as the scenario words them, such as `az: a` or `storage@b[0]`.
  public var targets: String
  /// The hosts, instances or links that the targets came to when it fired.
  public var victims: [String]
  public var plannedStart: Instant
  /// `nil` if it was to last until the end of the run, or is over at once.
  public var plannedEnd: Instant?
  /// `nil` if it never fired.
  public var start: Instant?
  /// `nil` if it never fired or was still going on when the run ended.
  public var end: Instant?
  /// From when it can have done anything; `nil` if it never has. A call of the management API acts when the
  /// control plane takes it on, a statement when it is sent on an open session or, if it injects a fault, carried
  /// out; a storm with its first connection. Anything else acts from its start, or from the last look at which it
  /// had not done anything yet: one looks whenever an instance changes its state or is taken for dead.
  public var acted: Instant?
  public var tookEffect: Bool
  /// How it was seen to act, such as `4 processes ended, 12 messages dropped`.
  public var evidence: String
  /// Who has injected it with a statement: a fault of the scenario, or the host of a client; `nil` if it is
  /// a fault of the scenario itself.
  public var cause: String?

  public init(
    id: String, kind: String, targets: String, victims: [String], plannedStart: Instant,
    plannedEnd: Instant?, start: Instant?, end: Instant?, tookEffect: Bool, evidence: String,
    acted: Instant? = nil, cause: String? = nil
  ) {
    self.id = id
    self.kind = kind
    self.targets = targets
    self.victims = victims
    self.plannedStart = plannedStart
    self.plannedEnd = plannedEnd
    self.start = start
    self.end = end
    self.acted = acted
    self.tookEffect = tookEffect
    self.evidence = evidence
    self.cause = cause
  }
}
