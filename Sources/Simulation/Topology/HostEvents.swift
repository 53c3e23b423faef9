// What the trace tells of hosts.

/// A host has lost power, and all of its processes have ended.
public struct HostWentDown: TracePayload {
  public static let name = "host.down"
  public var host: String
  public var subject: ResourceName { .host(host) }
}

/// A host has power again and starts its programs.
public struct HostBooted: TracePayload {
  public static let name = "host.up"
  public var host: String
  public var subject: ResourceName { .host(host) }
}

/// A host has ended a process for want of memory.
public struct ProcessKilledForMemory: TracePayload {
  public static let name = "host.out_of_memory"
  public var host: String
  public var program: String
  /// What the process had.
  public var bytes: Int
  public var subject: ResourceName { .host(host) }

  public func encode(into fields: inout TraceFields) {
    fields.add("killed", program)
    fields.add("bytes", bytes)
  }
}
