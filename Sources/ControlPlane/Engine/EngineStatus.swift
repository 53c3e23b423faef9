public import Simulation

/// What a database engine says about itself.
public struct EngineStatus: Hashable, Sendable {
  public enum State: UInt8, Sendable {
    /// Its process does not run.
    case stopped = 0
    /// Not yet open: loading, or looking for its writer.
    case starting
    /// Opening the volume: finding its end and fencing the writers before.
    case recovering
    /// Open for clients.
    case available
    /// The volume has refused its writes: somebody else has opened it since.
    case fenced
  }

  public var state: State
  public var role: EngineRole.Kind
  /// The number of the volume epoch under which it writes, or which it follows; 0 if none.
  public var epoch: UInt32
  /// Everything up to this LSN is durable, as far as it knows.
  public var durableLSN: UInt64
  /// How far it is behind its writer; zero for a writer.
  public var lag: Interval
  public var connections: Int
  public var activeTransactions: Int

  public init(
    state: State, role: EngineRole.Kind, epoch: UInt32 = 0, durableLSN: UInt64 = 0,
    lag: Interval = .zero, connections: Int = 0, activeTransactions: Int = 0
  ) {
    self.state = state
    self.role = role
    self.epoch = epoch
    self.durableLSN = durableLSN
    self.lag = lag
    self.connections = connections
    self.activeTransactions = activeTransactions
  }

  /// The status of an engine that does not run.
  static let none = EngineStatus(state: .stopped, role: .reader)
}
