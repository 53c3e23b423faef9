public import Simulation

// What the trace tells of the engine of a DB instance.

extension ResourceName.Kind {
  /// A DB instance, called by its identifier.
  public static let instance = Self(rawValue: "instance")
}

extension ResourceName {
  public static func instance(_ identifier: String) -> Self { Self(.instance, identifier) }
}

/// An engine has another state or another role.
public struct EngineStateChanged: TracePayload {
  public static let name = "engine.state"
  public var instance: String
  public var role: DatabaseInstance.Role
  public var state: DatabaseInstance.State
  /// Number of the volume epoch that it works under; 0 if it knows of none.
  public var epoch: UInt32
  public var subject: ResourceName { .instance(instance) }

  public func encode(into fields: inout TraceFields) {
    fields.add("role", role)
    fields.add("state", state)
    fields.add("epoch", epoch)
  }
}

/// A client has asked for a crash with `aurora_inject_crash`.
public struct EngineCrashInjected: TracePayload {
  public static let name = "engine.crash_injected"
  public var instance: String
  public var part: InjectedCrash
  public var subject: ResourceName { .instance(instance) }

  public func encode(into fields: inout TraceFields) { fields.add("part", part) }
}

/// Purging old row versions has met an error, and rests for as long as this engine runs.
public struct PurgeStopped: TracePayload {
  public static let name = "engine.purge_stopped"
  /// The host that the engine runs on.
  public var host: String
  public var reason: String
  public var subject: ResourceName { .host(host) }

  public func encode(into fields: inout TraceFields) { fields.add("because", reason) }
}
