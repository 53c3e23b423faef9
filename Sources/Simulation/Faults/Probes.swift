/// Rare situations that a run is glad to have met: a campaign that never meets one has not tested it.
///
/// Each module lists its own as the cases of an enumeration, so that those never reached can be named.
public protocol Probe: RawRepresentable<String>, CaseIterable, Sendable {}

/// How often each rare situation was met in a run.
public final class Probes {
  private var counts = LookupTable<String, Int>()

  init() {}

  public func reach(_ probe: some Probe) { counts[probe.rawValue, default: 0] += 1 }

  public func count(of name: String) -> Int { counts[name, default: 0] }
}

extension Process {
  /// Notes that a rare situation has been met.
  public func probe(_ probe: some Probe) { simulation.probes.reach(probe) }
}

/// Rare situations of the kernel.
public enum KernelProbe: String, Probe {
  case outOfMemory = "kernel.out_of_memory"
}
