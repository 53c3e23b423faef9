import Foundation

/// Another process of this program.
///
/// Started and waited for by the calls of the operating system, not by Foundation's `Process`, which would
/// bring threads into a program that is built for one.
struct ChildProcess {
  enum Ending: Equatable {
    case exit(Int32)
    case signal(Int32)
  }

  struct CannotStart: LocalizedError {
    let reason: String
    var errorDescription: String? { "the program cannot start itself: \(reason)" }
  }

  let identifier: pid_t

  /// Starts this program with other arguments; what it prints goes into a file.
  ///
  /// - Parameter program: the path of another build of it.
  static func start(
    _ arguments: [String], program: String? = nil, output path: String
  ) throws -> ChildProcess {
    guard let executable = program ?? Bundle.main.executablePath else {
      throw CannotStart(reason: "its path is not known")
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    var words: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    var identifier: pid_t = 0
    let failure = posix_spawn(&identifier, executable, &actions, nil, words, environ)
    guard failure == 0 else { throw CannotStart(reason: String(cString: strerror(failure))) }
    return ChildProcess(identifier: identifier)
  }

  /// Waits until this child has ended.
  ///
  /// - Precondition: no other child is under way.
  func wait() -> Ending {
    while let (identifier, ending) = Self.waitForAny() {
      if identifier == self.identifier { return ending }
    }
    preconditionFailure("a child is waited for once")
  }

  /// Waits until any child has ended.
  ///
  /// - Returns: which, and how; `nil` if there is none.
  static func waitForAny() -> (identifier: pid_t, ending: Ending)? {
    var status: Int32 = 0
    while true {
      let identifier = waitpid(-1, &status, 0)
      if identifier < 0, errno == EINTR { continue }
      guard identifier > 0 else { return nil }
      let signal = status & 0x7f
      return (identifier, signal == 0 ? .exit((status >> 8) & 0xff) : .signal(signal))
    }
  }
}
