/// The memory of a host: what its processes have taken, and what a fault has taken from them.
///
/// A model: only what a process declares counts, in bytes. When there is not enough, the host's kernel
/// ends the process that holds most, as Linux does.
public struct Memory {
  /// In bytes; as good as endless unless the host was given a size.
  public internal(set) var capacity: Int
  public internal(set) var used = 0
  /// Taken by faults.
  public internal(set) var withheld = 0
  /// Which processes were ended for want of memory, in order.
  public internal(set) var kills: [Kill] = []

  /// A process that was ended for want of memory.
  public struct Kill: Equatable, Sendable {
    public let program: String
    /// That it held.
    public let bytes: Int
  }

  public static let endless = Int.max / 4

  init(capacity: Int = endless) { self.capacity = capacity }

  public var free: Int { max(0, capacity - withheld - used) }

  var isExceeded: Bool { used > capacity - withheld }
}
