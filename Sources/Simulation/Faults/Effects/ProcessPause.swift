/// A program stands still, as while its garbage is collected or a debugger holds it.
final class ProcessPause: FaultEffect {
  private let victims: [Process]
  private let targets: Int

  init(of program: String, on hosts: [Host]) {
    targets = hosts.count
    victims = hosts.compactMap { $0.process(named: program) }
    for process in victims { process.pause() }
  }

  func end() { for process in victims { process.resume() } }

  var count: Int { victims.count }
  var evidence: String { "\(count) of \(targets) processes were running and stood still" }
}
