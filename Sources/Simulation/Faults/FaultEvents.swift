// What the trace tells of faults. Those who inject faults that the kernel does not know tell of them, too.

public struct FaultStarted: TracePayload {
  public static let name = "fault.started"
  public var fault: String
  /// Names of what it strikes.
  public var targets: [String]
  public var subject: ResourceName { ResourceName(.fault, fault) }

  public init(fault: String, targets: [String]) { (self.fault, self.targets) = (fault, targets) }

  public func encode(into fields: inout TraceFields) { fields.add("targets", targets) }
}

public struct FaultEnded: TracePayload {
  public static let name = "fault.ended"
  public var fault: String
  public var tookEffect: Bool
  /// What shows that it acted, in words.
  public var evidence: String
  public var subject: ResourceName { ResourceName(.fault, fault) }

  public init(fault: String, tookEffect: Bool, evidence: String) {
    (self.fault, self.tookEffect, self.evidence) = (fault, tookEffect, evidence)
  }

  public func encode(into fields: inout TraceFields) {
    fields.add("took_effect", tookEffect)
    fields.add("evidence", evidence)
  }
}

/// The run's lot has set a tunable to one of its extremes.
public struct TunableDrawn: TracePayload {
  public static let name = "tunable.drawn"
  public var tunable: String
  public var value: String
  public var subject: ResourceName { ResourceName(.tunable, tunable) }

  public func encode(into fields: inout TraceFields) { fields.add("value", value) }
}
