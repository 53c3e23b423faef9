public import Simulation

// What the trace tells of a volume as its openers see it. Each is called by its host.

/// An opener asks the storage nodes for the end of the log.
public struct VolumeRecoveryStarted: TracePayload {
  public static let name = "volume.recovery_started"
  public var host: String
  public var subject: ResourceName { .host(host) }
}

/// A write quorum of every group has promised to refuse older epochs: from now on nobody else can write.
public struct VolumeEpochTaken: TracePayload {
  public static let name = "volume.epoch"
  public var host: String
  public var epoch: VolumeEpoch
  public var subject: ResourceName { .host(host) }

  public func encode(into fields: inout TraceFields) {
    fields.add("epoch", epoch.number)
    fields.add("opener", epoch.opener)
  }
}

/// The end of the log is known, and what lies beyond it is annulled.
public struct VolumeRecovered: TracePayload {
  public static let name = "volume.recovered"
  public var host: String
  public var epoch: VolumeEpoch
  public var volumeDurableLSN: LSN
  public var truncatedRecords: Int
  public var subject: ResourceName { .host(host) }

  public func encode(into fields: inout TraceFields) {
    fields.add("epoch", epoch.number)
    fields.add("opener", epoch.opener)
    fields.add("vdl", volumeDurableLSN.value)
    fields.add("truncated", truncatedRecords)
  }
}

/// A writer has learnt that a newer epoch is in force.
public struct WriterFenced: TracePayload {
  public static let name = "volume.fenced"
  public var host: String
  public var epoch: VolumeEpoch
  public var newer: VolumeEpoch
  public var subject: ResourceName { .host(host) }

  public func encode(into fields: inout TraceFields) {
    fields.add("epoch", epoch.number)
    fields.add("opener", epoch.opener)
    fields.add("by", newer.number)
    fields.add("by_opener", newer.opener)
  }
}
