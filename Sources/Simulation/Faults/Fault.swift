/// Something that breaks, as a value: it can be listed, written down, shrunk and replayed.
///
/// Its targets are places by name: roles such as "the writer" have been resolved by whoever makes one.
public struct Fault: Hashable, Codable, Sendable {
  public enum Kind: Hashable, Codable, Sendable {
    /// A program of each host ends without a word, and dies again whenever its supervisor starts it
    /// before the fault ends.
    case processCrash(program: String)
    /// Each host loses power; it boots again when the fault ends.
    case hostCrash
    /// Packets from the targets to `others` are dropped; those coming back as well unless `oneWay`.
    case partition(others: [String], oneWay: Bool)
    /// Operations of each host's disks take so many times as long.
    case diskSlow(factor: Int)
    /// Operations of each host's disks hang for `stall` at the start of each `period`.
    case diskStall(stall: Interval, period: Interval)
    /// Operations of each host's disks fail with this probability, from 0 to 1.
    case diskFailure(probability: Double)
    /// The disks of each host acknowledge flushes and do not carry them out.
    case diskForgetsFlushes
  }

  public let id: String
  public let kind: Kind
  /// Names of hosts, in the order in which they are hit.
  public let targets: [String]

  public init(id: String, kind: Kind, targets: [String]) {
    (self.id, self.kind, self.targets) = (id, kind, targets)
  }
}
