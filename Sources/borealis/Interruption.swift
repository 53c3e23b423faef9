import Foundation
import Synchronization

/// The wish that a run be stopped: the user's, by SIGINT or SIGTERM, or the operating system's, by SIGXCPU
/// at the end of its CPU time.
///
/// The first signal is noted, and the run stops where it next reports; the second ends the process at once,
/// as it would without this, so that a run that hangs can be stopped, too.
enum Interruption {
  private static let received = Atomic<Int32>(0)

  /// The signal that came; `nil` if none did.
  static var signal: Int32? {
    let number = received.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  /// Begins to note signals. One that the process ignores, as the shell has told it, stays ignored; one that
  /// whoever started it has blocked comes through.
  static func watch() {
    // Made before a handler may need it.
    _ = received.load(ordering: .relaxed)
    let numbers = [SIGINT, SIGTERM, SIGXCPU]
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in numbers { sigaddset(&signals, number) }
    defer { sigprocmask(SIG_UNBLOCK, &signals, nil) }
    for number in numbers {
      let before = Foundation.signal(number) { number in
        Interruption.received.store(number, ordering: .relaxed)
        Foundation.signal(number, SIG_DFL)
      }
      if unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
        Foundation.signal(number, SIG_IGN)
      }
    }
  }

  /// Ends the process as the signal would have, so that whoever waits for it learns of that.
  static func obey(_ number: Int32) -> Never {
    fflush(nil)
    Foundation.signal(number, SIG_DFL)
    raise(number)
    // It is blocked, which nobody here does.
    exit(128 + number)
  }
}
