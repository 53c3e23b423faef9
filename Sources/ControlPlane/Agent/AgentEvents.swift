import Database
public import Simulation

// What the trace tells of host agents.

/// Something that an agent does to the engine of its instance, or notices about it.
public protocol AgentEvent: TracePayload {
  var instance: String { get }
}

extension AgentEvent {
  public var subject: ResourceName { .instance(instance) }
}

/// An agent starts the engine.
public struct EngineStarted: AgentEvent {
  public static let name = "agent.engine_started"
  public var instance: String
  public var role: EngineRole.Kind

  public func encode(into fields: inout TraceFields) { fields.add("role", role.name) }
}

/// An agent tells the engine, a reader, to become the writer.
public struct EnginePromoted: AgentEvent {
  public static let name = "agent.engine_promoted"
  public var instance: String
}

/// The engine has ended without having been told to.
public struct EngineCrashed: AgentEvent {
  public static let name = "agent.engine_crashed"
  public var instance: String
  /// After which the agent starts it again.
  public var restartDelay: Interval

  public func encode(into fields: inout TraceFields) {
    fields.add("restart_after_ns", restartDelay)
  }
}

/// The engine no longer answers, and the agent ends it.
public struct EngineHung: AgentEvent {
  public static let name = "agent.engine_hung"
  public var instance: String
}

/// The engine finds itself fenced, and the agent starts it again.
public struct EngineFenced: AgentEvent {
  public static let name = "agent.engine_fenced"
  public var instance: String
}

/// The engine was a writer and is started again as a reader.
public struct EngineDemoted: AgentEvent {
  public static let name = "agent.engine_demoted"
  public var instance: String
}

/// An agent that has just started finds the engine running.
public struct EngineAdopted: AgentEvent {
  public static let name = "agent.engine_adopted"
  public var instance: String
}

/// The agent does not start the engine again before it hears of the control plane.
public struct EngineRestartHeldBack: AgentEvent {
  public static let name = "agent.restart_held_back"
  public var instance: String
}

/// The capacity of a Serverless instance has been set.
public struct ServerlessCapacitySet: AgentEvent {
  public static let name = "serverless.capacity"
  public var instance: String
  /// In thousandths of an ACU, as ``demand``.
  public var milliACU: Int
  /// What the load called for.
  public var demand: Int
  /// How busy the processor was, in thousandths.
  public var utilization: Int
  /// How many sessions the engine had.
  public var connections: Int

  public func encode(into fields: inout TraceFields) {
    fields.add("milli_acu", milliACU)
    fields.add("demand_milli_acu", demand)
    fields.add("utilization_permille", utilization)
    fields.add("connections", connections)
  }
}
