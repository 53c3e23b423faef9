/// How many bytes pass in a second.
public struct ByteRate: Hashable, Codable, Sendable {
  public let perSecond: ByteSize

  /// - Precondition: not zero.
  public init(perSecond: ByteSize) {
    precondition(perSecond.bytes > 0, "nothing passes at no bytes per second")
    self.perSecond = perSecond
  }
}

extension ByteRate: ScalarValue {
  init?(scalar: String) {
    guard scalar.hasSuffix("/s"), let size = ByteSize(scalar: String(scalar.dropLast(2))),
      size.bytes > 0
    else { return nil }
    perSecond = size
  }

  var scalar: String { perSecond.scalar + "/s" }
  static var expectation: String { "bytes per second with a unit, such as 10MiB/s" }
}
