/// Something that breaks, as a value: it can be listed, written down, shrunk and replayed.
///
/// Its targets are places by name: roles such as "the writer" have been resolved by whoever makes one. When
/// it begins and ends is up to whoever makes it act; see ``ActiveFault``.
public struct Fault: Hashable, Codable, Sendable {
  public enum Kind: Hashable, Codable, Sendable {
    /// A program of each host ends without a word, and dies again whenever its supervisor starts it
    /// before the fault ends.
    case processCrash(program: String)
    /// A program of each host stands still: it answers nothing, and its sockets fill.
    case processPause(program: String)
    /// A program of each host is ended once every period, if it runs.
    case killLoop(program: String, every: Interval)

    /// Each host loses power; it boots again when the fault ends.
    case hostCrash(UnflushedWrites)
    /// As a crash, at the moment when the disk has bytes in its cache that can be torn.
    case tornWrites
    /// Each host is lost with its disks; when the fault ends it boots with blank ones.
    case hostLoss
    /// One host after another is down for a while, the next one beginning `every` after the one before.
    case rollingRestart(down: Interval, every: Interval)

    /// Something is wrong with packets from the targets to `others`, and those back unless `oneWay`.
    case link(LinkFault, others: [String], oneWay: Bool)
    /// Connections between the targets and `others` are reset at once, and new ones are until the end.
    case reset(others: [String])
    /// Some of the targets, chosen by lot, are clogged one after another, and freed in another order.
    case swizzle(others: [String], within: Interval)
    /// Each host's interface sends no more than so many bytes per second.
    case bandwidth(bytesPerSecond: Int64)

    /// Something is wrong with each host's disks.
    case disk(DiskFault)
    /// So many bits of each host's disks flip, wherever something has been written.
    case bitRot(bits: Int)
    /// Each host's disks are gone: every operation fails, and at the end the host boots with blank ones.
    case diskLoss

    /// Each host's CPUs get only one part in so many of their time.
    case cpuTheft(factor: Int)
    /// This share of each host's memory, from 0 to 1, is taken away.
    case memoryPressure(Double)

    /// Something is wrong with each host's clock.
    case clock(ClockFault)

    /// A point in the engine's own code, by its name, takes the rare way on each host.
    case forcedPoint(String)
  }

  public let id: String
  public let kind: Kind
  /// Names of hosts, in the order in which they are hit.
  public let targets: [String]

  public init(id: String, kind: Kind, targets: [String]) {
    (self.id, self.kind, self.targets) = (id, kind, targets)
  }
}

/// What is wrong with a clock, as a value.
public enum ClockFault: Hashable, Codable, Sendable {
  /// The wall clock is wrong by so much until the fault ends.
  case offset(Interval)
  /// The counter runs fast, or slow, by so many parts per million until the fault ends; timers go with it.
  case drift(partsPerMillion: Int)
  /// The wall clock jumps, and nobody sets it right.
  case step(Interval)
  /// A second is inserted: the wall clock repeats one, or is slowed over an interval until it is one behind.
  case leapSecond(smearedOver: Interval?)
}
