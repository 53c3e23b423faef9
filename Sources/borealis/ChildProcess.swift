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
    // Signals that this process waits for are none of the child's concern.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let failure = posix_spawn(&identifier, executable, &actions, &attributes, words, environ)
    guard failure == 0 else { throw CannotStart(reason: String(cString: strerror(failure))) }
    return ChildProcess(identifier: identifier)
  }

  /// Waits until this child has ended.
  ///
  /// - Precondition: nobody has waited for it yet.
  func wait() -> Ending {
    while true {
      var status: Int32 = 0
      let found = waitpid(identifier, &status, 0)
      if found == identifier { return Self.ending(status) }
      precondition(errno == EINTR, "a child is waited for once")
    }
  }

  /// How this child has ended; `nil` if it has not.
  ///
  /// - Precondition: nobody has waited for it yet.
  func endingIfOver() -> Ending? {
    var status: Int32 = 0
    return waitpid(identifier, &status, WNOHANG) == identifier ? Self.ending(status) : nil
  }

  private static func ending(_ status: Int32) -> Ending {
    let signal = status & 0x7f
    return signal == 0 ? .exit((status >> 8) & 0xff) : .signal(signal)
  }
}
