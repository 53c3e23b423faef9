/// Something is wrong with the disks of some hosts.
final class DiskDisturbance: FaultEffect {
  private let disturbed: [(disk: Disk, impairment: DiskImpairment)]

  init(_ fault: DiskFault, on hosts: [Host], stream: String) {
    disturbed = hosts.flatMap(\.disks).map { ($0, $0.impair(with: fault, stream: stream)) }
  }

  func end() { for (disk, impairment) in disturbed { disk.heal(impairment) } }

  var count: Int { disturbed.reduce(0) { $0 + Int($1.impairment.disturbedCount) } }
  var evidence: String { "\(count) disk operations disturbed" }
}
