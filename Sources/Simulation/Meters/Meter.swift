/// Counts one thing that one resource does, from the beginning of the run on: it only ever rises.
///
/// Meters belong to the simulation, not to who counts: a process that starts again goes on where the one
/// before it was lost. What happened in a stretch of time is the difference of two readings.
///
/// ```
///   extension Meter.Kind { static let commits = Meter.Kind("commits", .count) }
///   let commits = process.meter(.commits)        once
///   commits += 1                                 whenever one happens; allocates nothing
///   simulation.meters.total(of: .commits)        over all resources
/// ```
///
/// A handle to a count that the simulation's ``Meters`` hold, so that counting touches that one word: meters
/// are counted for each packet and each page.
public struct Meter {
  /// What a meter counts.
  public struct Kind: Hashable, Comparable, Sendable {
    public enum Unit: String, Codable, Sendable {
      case count, bytes, nanoseconds
    }

    /// In lower case with underscores: `redo_records`.
    public let name: String
    public let unit: Unit

    public init(_ name: String, _ unit: Unit) { (self.name, self.unit) = (name, unit) }

    public static func < (lhs: Kind, rhs: Kind) -> Bool { lhs.name < rhs.name }
  }

  /// Lives as long as ``Meters``, and so as the simulation.
  private let count: UnsafeMutablePointer<Int>

  init(_ count: UnsafeMutablePointer<Int>) { self.count = count }

  /// In the unit of its kind.
  public var total: Int { count.pointee }

  /// - Precondition: `amount` is not negative.
  @inline(__always)
  public static func += (meter: Meter, amount: Int) {
    assert(amount >= 0, "a meter only ever rises, not by \(amount)")
    meter.count.pointee &+= amount
  }
}
