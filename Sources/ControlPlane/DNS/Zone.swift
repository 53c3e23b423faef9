public import Simulation

/// The DNS records of one cluster, whole: a newer serial replaces all of an older one.
public struct Zone: Hashable, Sendable {
  public struct Record: Hashable, Sendable {
    public enum Target: Hashable, Sendable {
      /// An A record.
      case host(HostID)
      /// CNAME records, of which each answer gives the next; never none.
      case aliases([String])
    }

    public var name: String
    /// How long an answer may be kept.
    public var lifetime: Interval
    public var target: Target

    public init(name: String, lifetime: Interval, target: Target) {
      (self.name, self.lifetime, self.target) = (name, lifetime, target)
    }
  }

  public var serial: UInt64
  public var records: [Record]

  public init(serial: UInt64, records: [Record]) {
    (self.serial, self.records) = (serial, records)
  }

  public func record(named name: String) -> Record? { records.first { $0.name == name } }
}

extension Zone {
  /// The records of a cluster: its two endpoints, and one per instance.
  ///
  /// - Parameter readers: whom the reader endpoint names; the writer, if there is nobody.
  init(
    serial: UInt64, configuration: ClusterConfiguration, writer: String, readers: [String]
  ) {
    let names = configuration.names
    let lifetime = configuration.timing.recordLifetime
    let targets = readers.isEmpty ? [writer] : readers
    var records = [
      Record(name: names.writer, lifetime: lifetime, target: .aliases([names.instance(writer)])),
      Record(
        name: names.reader, lifetime: lifetime, target: .aliases(targets.map(names.instance))),
    ]
    for instance in configuration.instances {
      records.append(
        Record(
          name: names.instance(instance.id), lifetime: lifetime, target: .host(instance.host)))
    }
    self.init(serial: serial, records: records)
  }
}
