/// A geographic area with several Availability Zones.
public final class Region {
  public let name: String
  public private(set) var zones: [AvailabilityZone] = []

  init(name: String, zones letters: [String]) {
    self.name = name
    zones = letters.map { AvailabilityZone(letter: $0, region: self) }
  }

  /// The zone with this letter, if the Region has one.
  public func zone(_ letter: String) -> AvailabilityZone? { zones.first { $0.letter == letter } }
}
