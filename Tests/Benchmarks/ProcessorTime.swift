import Foundation

/// CPU time of this process, or of its children, so far.
enum ProcessorTime {
  static func own() -> Double { seconds(of: RUSAGE_SELF) }
  static func children() -> Double { seconds(of: RUSAGE_CHILDREN) }

  private static func seconds(of who: __rusage_who) -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(who.rawValue), &usage)
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }

  private static func seconds(_ time: timeval) -> Double {
    Double(time.tv_sec) + Double(time.tv_usec) / 1e6
  }
}
