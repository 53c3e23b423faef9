import Foundation

/// CPU time of processes so far, in seconds.
enum ProcessorTime {
  /// Of this process.
  static func own() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }

  /// Of this process, in nanoseconds.
  static func nanoseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }

  private static func seconds(_ time: timeval) -> Double {
    Double(time.tv_sec) + Double(time.tv_usec) / 1e6
  }

  /// Of a process, of its children, and of those that it has waited for.
  static func tree(of process: Int32) -> Double {
    let children = text("/proc/\(process)/task/\(process)/children").split(separator: " ")
    return children.compactMap { Int32($0) }.reduce(ticks(of: process, 4)) {
      $0 + ticks(of: $1, 2)
    } / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// The sum of the first of `utime`, `stime`, `cutime` and `cstime`.
  private static func ticks(of process: Int32, _ count: Int) -> Double {
    // The name of the program, in parentheses, may contain anything.
    guard let rest = text("/proc/\(process)/stat").split(separator: ")").last else { return 0 }
    return rest.split(separator: " ").dropFirst(11).prefix(count)
      .reduce(0) { $0 + (Double($1) ?? 0) }
  }

  private static func text(_ path: String) -> String {
    (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  }
}
