/// A program dies, and is held down until the end.
final class ProcessCrash: FaultEffect {
  private let program: String
  private let hosts: [Host]
  private(set) var count = 0

  init(of program: String, on hosts: [Host]) {
    (self.program, self.hosts) = (program, hosts)
    for host in hosts where host.holdDown(program) { count += 1 }
  }

  func end() { for host in hosts { host.release(program) } }

  var evidence: String { "\(count) of \(hosts.count) processes were running and ended" }
}
