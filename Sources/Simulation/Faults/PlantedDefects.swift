/// A mistake that can be planted on purpose, to see whether what should notice it does. Each module lists its
/// own as the cases of an enumeration.
public protocol Defect: RawRepresentable<String>, CaseIterable, Sendable {}

/// The mistakes that are planted in a run, by name; none, unless somebody tests the tests.
public struct PlantedDefects: Equatable, Sendable {
  public private(set) var names: [String]

  public init(_ names: [String] = []) { self.names = names }

  @inline(__always)
  public func contains(_ defect: some Defect) -> Bool {
    !names.isEmpty && names.contains(defect.rawValue)
  }

  public mutating func plant(_ defect: some Defect) { names.append(defect.rawValue) }
}

extension Process {
  /// Whether this mistake is to be made.
  @inline(__always)
  public func has(_ defect: some Defect) -> Bool { simulation.plantedDefects.contains(defect) }
}

/// Mistakes of the kernel.
public enum KernelDefect: String, Defect {
  /// A flush that fails is answered as if it had succeeded.
  case errorsAreSilent = "kernel.errors_are_silent"
  /// A partition that ends goes on for one of its directions.
  case partitionsNeverHeal = "kernel.partitions_never_heal"
  /// A flush leaves the newest write in the drive's cache.
  case flushMissesNewest = "kernel.flush_misses_newest"
}
