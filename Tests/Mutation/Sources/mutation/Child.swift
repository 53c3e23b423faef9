internal import Foundation

/// Another program, run to its end.
struct Child {
  /// The exit code; `nil` if a signal ended it.
  let code: Int32?
  /// User and system time of it and of all that it has waited for, in seconds.
  let processorTime: Double

  /// - Parameter output: the file that takes what it prints.
  static func run(
    _ program: String, _ arguments: [String], environment: [String: String] = [:],
    output: String
  ) throws -> Child {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
    let all = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    var settings: [UnsafeMutablePointer<CChar>?] = all.map { strdup("\($0)=\($1)") } + [nil]
    defer {
      for word in words { free(word) }
      for setting in settings { free(setting) }
    }
    var identifier: pid_t = 0
    let failure = posix_spawn(&identifier, program, &actions, nil, &words, &settings)
    guard failure == 0 else {
      throw MutationError("\(program) cannot be started: \(String(cString: strerror(failure)))")
    }
    var status: Int32 = 0
    var usage = rusage()
    while wait4(identifier, &status, 0, &usage) != identifier {
      precondition(errno == EINTR, "a child is waited for once")
    }
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return Child(
      code: status & 0x7f == 0 ? (status >> 8) & 0xff : nil,
      processorTime: seconds(usage.ru_utime) + seconds(usage.ru_stime))
  }
}

/// What is said while the search goes on.
enum Progress {
  static func say(_ line: String) {
    FileHandle.standardError.write(Data("\(line)\n".utf8))
  }
}
