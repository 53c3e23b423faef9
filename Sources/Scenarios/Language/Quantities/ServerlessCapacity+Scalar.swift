import ControlPlane

extension ServerlessCapacity: ScalarValue {
  init?(scalar: String) {
    guard let halves = DecimalText.count(scalar[...], scale: 2),
      (Int64(Self.smallest.halves)...Int64(Self.largest.halves)).contains(halves)
    else { return nil }
    self.init(halves: Int(halves))
  }

  var scalar: String { DecimalText.text(Int64(halves) * 5, scale: 10) }
  static var expectation: String { "a capacity in steps of 0.5 from 0.5 to 256 ACU, such as 8" }
}
