import Foundation
import Scenarios

/// Child processes, so many at once, and the user's wish to stop.
///
/// Signals are not handled but waited for: while a pool exists, SIGINT, SIGTERM and SIGCHLD are blocked, and
/// ``next()`` takes whichever comes first. So an interrupt finds the program at one place only, and nothing
/// half done.
final class JobPool {
  enum News {
    case ended(ChildProcess, ChildProcess.Ending)
    /// The user wants to stop; every child has been ended, and waited for.
    case interrupted
    /// There is no child to wait for.
    case idle
  }

  let limit: Int
  private var running: [ChildProcess] = []
  private var ended: [(ChildProcess, ChildProcess.Ending)] = []
  private var before = sigset_t()

  init(limit: Int) {
    self.limit = limit
    var signals = Self.signals
    sigprocmask(SIG_BLOCK, &signals, &before)
  }

  deinit { sigprocmask(SIG_SETMASK, &before, nil) }

  private static var signals: sigset_t {
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM, SIGCHLD] { sigaddset(&signals, signal) }
    return signals
  }

  var hasRoom: Bool { running.count < limit }

  /// - Precondition: ``hasRoom``
  func start(_ arguments: [String], output path: String) throws -> ChildProcess {
    let child = try ChildProcess.start(arguments, output: path)
    running.append(child)
    return child
  }

  /// Waits for what happens next.
  func next() -> News {
    while true {
      // A terminal sends an interrupt to the children as well, and theirs may be heard of first.
      if ended.contains(where: { $0.1 == .signal(SIGINT) }) { return stopAll() }
      if !ended.isEmpty {
        let (child, ending) = ended.removeFirst()
        return .ended(child, ending)
      }
      if running.isEmpty { return .idle }
      var signals = Self.signals
      var signal: Int32 = 0
      guard sigwait(&signals, &signal) == 0 else { continue }
      if signal == SIGCHLD { collect() } else { return stopAll() }
    }
  }

  /// Ends children whose outcome nobody wants any more.
  func stop(_ child: ChildProcess) {
    guard let place = running.firstIndex(where: { $0.identifier == child.identifier }) else {
      return ended.removeAll { $0.0.identifier == child.identifier }
    }
    running.remove(at: place)
    kill(child.identifier, SIGKILL)
    _ = child.wait()
  }

  private func stopAll() -> News {
    for child in running { stop(child) }
    return .interrupted
  }

  /// One SIGCHLD may stand for several children.
  private func collect() {
    for child in running {
      guard let ending = child.endingIfOver() else { continue }
      running.removeAll { $0.identifier == child.identifier }
      ended.append((child, ending))
    }
  }
}
