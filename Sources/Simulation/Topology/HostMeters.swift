// What is counted of hosts, by the kernel.

extension Meter.Kind {
  /// The time that vCPUs had something to do, all of them together; with what neighbours took of it.
  public static let cpuTime = Self("cpu_time", .nanoseconds)
  /// Packets handed to the network, whatever becomes of them.
  public static let packetsSent = Self("network_packets_sent", .count)
  /// Payload of those packets.
  public static let bytesSent = Self("network_bytes_sent", .bytes)
  /// Payload of those of them that go to another Availability Zone, which AWS charges for.
  public static let bytesSentAcrossZones = Self("network_bytes_sent_across_zones", .bytes)
  /// Payload of packets that have come through to the host, whether it was up or not.
  public static let bytesReceived = Self("network_bytes_received", .bytes)

  public static let diskReads = Self("disk_reads", .count)
  public static let diskWrites = Self("disk_writes", .count)
  public static let diskFlushes = Self("disk_flushes", .count)
  public static let diskBytesRead = Self("disk_bytes_read", .bytes)
  public static let diskBytesWritten = Self("disk_bytes_written", .bytes)
  /// Cached writes of which power loss left only the first sectors.
  public static let diskTornWrites = Self("disk_torn_writes", .count)
  /// Cached writes that went with the power.
  public static let diskLostWrites = Self("disk_lost_writes", .count)
}

/// The meters of a host's network interface.
struct TrafficMeters {
  let packetsSent: Meter
  let bytesSent: Meter
  let bytesSentAcrossZones: Meter
  let bytesReceived: Meter

  init(of host: Host) {
    packetsSent = host.meter(.packetsSent)
    bytesSent = host.meter(.bytesSent)
    bytesSentAcrossZones = host.meter(.bytesSentAcrossZones)
    bytesReceived = host.meter(.bytesReceived)
  }
}

/// The meters of a host's disks, all of them together.
struct DiskMeters {
  let reads: Meter
  let writes: Meter
  let flushes: Meter
  let bytesRead: Meter
  let bytesWritten: Meter
  let tornWrites: Meter
  let lostWrites: Meter

  init(of host: Host) {
    reads = host.meter(.diskReads)
    writes = host.meter(.diskWrites)
    flushes = host.meter(.diskFlushes)
    bytesRead = host.meter(.diskBytesRead)
    bytesWritten = host.meter(.diskBytesWritten)
    tornWrites = host.meter(.diskTornWrites)
    lostWrites = host.meter(.diskLostWrites)
  }
}
