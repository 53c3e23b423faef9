import Simulation

/// What a host agent tells the control plane about its instance, every second and at every change.
///
/// The first of an incarnation registers the agent: it obeys nobody yet, which its term says.
public struct Heartbeat: Hashable, Sendable {
  public var instance: String
  /// Which run of the agent speaks; grows with each restart.
  public var incarnation: UInt32
  /// Counts the heartbeats of the incarnation, from 1.
  public var sequence: UInt64
  /// Term of the election that gave it its role; 0 if it has none.
  public var term: UInt64
  /// The newest command that it has carried out; 0 if none.
  public var command: UInt64
  /// What it keeps the engine as; `nil` if it has not been told.
  public var role: EngineRole.Kind?
  /// How often it has started the engine.
  public var engineStarts: UInt32
  public var engine: EngineStatus
  /// What a serverless instance has; `nil` for others.
  public var capacity: Capacity?

  /// What a serverless instance has, and what it may have.
  public struct Capacity: Hashable, Sendable {
    public var present: ServerlessCapacity
    public var range: ClosedRange<ServerlessCapacity>

    public init(present: ServerlessCapacity, range: ClosedRange<ServerlessCapacity>) {
      (self.present, self.range) = (present, range)
    }
  }

  public init(
    instance: String, incarnation: UInt32, sequence: UInt64, term: UInt64 = 0, command: UInt64 = 0,
    role: EngineRole.Kind? = nil, engineStarts: UInt32 = 0, engine: EngineStatus,
    capacity: Capacity? = nil
  ) {
    self.instance = instance
    self.incarnation = incarnation
    self.sequence = sequence
    self.term = term
    self.command = command
    self.role = role
    self.engineStarts = engineStarts
    self.engine = engine
    self.capacity = capacity
  }
}

/// What the control plane answers to a heartbeat: that it is there, and what the agent cannot know.
public struct HeartbeatAnswer: Hashable, Sendable {
  /// Which run of the agent is answered; with ``sequence``, which of its heartbeats.
  public var incarnation: UInt32
  public var sequence: UInt64
  /// What a serverless instance may not fall below for the writer's sake; none is zero.
  public var floor: ServerlessCapacity

  public init(incarnation: UInt32, sequence: UInt64, floor: ServerlessCapacity) {
    (self.incarnation, self.sequence, self.floor) = (incarnation, sequence, floor)
  }
}
