public import Simulation

// What the trace tells of storage nodes and of the segments on them.

extension ResourceName.Kind {
  /// A copy of a protection group on a storage node: `pg3@storage-a0`.
  public static let segment = Self(rawValue: "segment")
}

extension ResourceName {
  static func segment(of group: Int, on node: String) -> Self {
    Self(.segment, "pg\(group)@\(node)")
  }
}

/// A storage node has found its disk blank or damaged, and starts over.
public struct StorageDiskLost: TracePayload {
  public static let name = "storage.disk_lost"
  public var node: String
  public var subject: ResourceName { .host(node) }
}

/// A segment has got back from its peers what its disk had lost, and counts again.
public struct SegmentRefilled: TracePayload {
  public static let name = "storage.refilled"
  public var group: Int
  public var node: String
  public var durableLSN: LSN
  public var subject: ResourceName { .segment(of: group, on: node) }

  public func encode(into fields: inout TraceFields) { fields.add("scl", durableLSN.value) }
}

/// A segment has accepted the first write of an epoch.
///
/// Told once by each segment and epoch: what shows that there was never more than one writer.
public struct FirstWriteAccepted: TracePayload {
  public static let name = "volume.write_accepted"
  public var group: Int
  public var node: String
  public var epoch: VolumeEpoch
  /// The host that sent the write.
  public var writer: String
  public var subject: ResourceName { .segment(of: group, on: node) }

  public func encode(into fields: inout TraceFields) {
    fields.add("epoch", epoch.number)
    fields.add("opener", epoch.opener)
    fields.add("writer", writer)
  }
}
