/// Bits flip on the medium, and stay as they are.
final class BitRot: FaultEffect {
  let count: Int

  init(of bits: Int, on hosts: [Host], _ random: RandomStream) {
    count = hosts.flatMap(\.disks).reduce(0) { $0 + $1.rot(bits: bits, random: random) }
  }

  func end() {}

  var evidence: String { "\(count) bits flipped" }
}
