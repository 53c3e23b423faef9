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
  /// Who sent the statement.
  public var client: Address
  public var subject: ResourceName { .instance(instance) }

  public func encode(into fields: inout TraceFields) {
    fields.add("part", part)
    fields.add("client_host", client.host.index)
    fields.add("client_port", UInt32(client.port))
  }
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

/// A client has asked for a fault that lasts, with one of Aurora's other fault-injection functions.
public struct FaultInjected: TracePayload {
  public static let name = "engine.fault_injected"
  /// On which the statement ran.
  public var instance: String
  /// No two injections of a run have the same.
  public var id: UInt64
  /// As SQL calls it: `aurora_inject_disk_failure`.
  public var function: String
  /// What it strikes, in words: `disk 0, 3 of 6 segments`.
  public var target: String
  /// The hosts that it strikes.
  public var victims: [String]
  /// How long it lasts.
  public var interval: Interval
  /// Who sent the statement.
  public var client: Address
  /// Whether it ends with the engine's process.
  public var isOfProcess: Bool
  public var subject: ResourceName { .instance(instance) }

  public func encode(into fields: inout TraceFields) {
    fields.add("id", id)
    fields.add("function", function)
    fields.add("target", target)
    fields.add("victims", victims)
    fields.add("for_ns", interval)
    fields.add("client_host", client.host.index)
    fields.add("client_port", UInt32(client.port))
    fields.add("of_process", isOfProcess)
  }
}
