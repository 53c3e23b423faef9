/// A data centre of a Region: hosts that share power and network, and so can fail together.
public final class AvailabilityZone {
  /// The letter after the Region's name: `a`.
  public let letter: String
  public unowned(unsafe) let region: Region
  public internal(set) var hosts: [Host] = []

  init(letter: String, region: Region) { (self.letter, self.region) = (letter, region) }

  /// `us-east-1a`
  public var name: String { region.name + letter }
}
