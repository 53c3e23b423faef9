public import Simulation

/// What the control plane tells a host agent to do.
///
/// An agent carries out a command once, however often it arrives; it ignores one that is older than what
/// it has carried out, of an older term, or meant for an earlier run of itself.
public struct Command: Hashable, Sendable {
  public enum Order: Hashable, Sendable {
    /// Be the writer, however you got here.
    case promote
    /// Be a reader of this writer.
    case follow(Address?)
    /// Stop the engine and start it again in its role.
    case restart
    /// Keep the capacity within these bounds, in half ACU.
    case setCapacity(ClosedRange<ServerlessCapacity>)

    /// The role that it assigns, if it is about roles.
    public var role: EngineRole? {
      switch self {
      case .promote: .writer
      case .follow(let writer): .reader(writer: writer)
      case .restart, .setCapacity: nil
      }
    }
  }

  public var instance: String
  /// The run of the agent that is meant.
  public var incarnation: UInt32
  public var term: UInt64
  /// Grows with every command of a cluster, across restarts of the control plane.
  public var sequence: UInt64
  public var order: Order

  public init(
    instance: String, incarnation: UInt32, term: UInt64, sequence: UInt64, order: Order
  ) {
    self.instance = instance
    self.incarnation = incarnation
    self.term = term
    self.sequence = sequence
    self.order = order
  }
}
