import Foundation

/// A word that no deterministic target may say, and what it says instead.
struct Ban {
  let word: String
  let instead: String

  static let all = [
    Ban(word: "Date()", instead: "the instant of the event at hand"),
    Ban(word: "#line", instead: "a name that stays when lines are added"),
    Ban(word: "#fileID", instead: "a name that stays when files are moved"),
    Ban(word: "ContinuousClock", instead: "VirtualClock"),
    Ban(word: "SuspendingClock", instead: "VirtualClock"),
    Ban(word: "clock_gettime", instead: "EventLoop.now"),
    Ban(word: "SystemRandomNumberGenerator", instead: "RandomStream"),
    Ban(word: ".random(in:", instead: "RandomStream.integer(below:)"),
    Ban(word: "randomElement()", instead: "RandomStream.index(below:)"),
    Ban(word: ".shuffled()", instead: "RandomStream.shuffle(_:)"),
    Ban(word: ".hashValue", instead: "Digest"),
    Ban(word: "Hasher()", instead: "Digest"),
    Ban(word: "ObjectIdentifier(", instead: "an identifier given in order of creation"),
    Ban(word: "UUID()", instead: "an identifier drawn from a RandomStream"),
    Ban(word: "Task {", instead: "Process.spawn"),
    Ban(word: "Task.detached", instead: "Process.spawn"),
    Ban(word: "Task.sleep", instead: "Process.sleep(for:)"),
    Ban(word: "Task.yield", instead: "Process.sleep(for:)"),
    Ban(word: "TaskGroup(", instead: "Process.spawn and a Promise"),
    Ban(word: "async let", instead: "Process.spawn and a Promise"),
    Ban(word: "Continuation", instead: "Process.suspend"),
    Ban(word: "AsyncStream", instead: "Mailbox"),
    Ban(word: "Thread", instead: "Process.spawn"),
    Ban(word: "Dispatch", instead: "EventLoop.schedule"),
    Ban(word: "import Foundation", instead: "the standard library, or the door"),
    Ban(word: "FileManager", instead: "Disk, or the door"),
    Ban(word: "getenv", instead: "a parameter of the scenario"),
    Ban(word: "@unchecked Sendable", instead: "a value, or a class confined to the loop"),
    Ban(word: "try!", instead: "an error that the caller handles"),
    Ban(word: "fatalError(", instead: "preconditionFailure with a reason"),
    Ban(word: "TODO", instead: "the finished work"),
    Ban(word: "FIXME", instead: "the finished work"),
  ]

  /// Where a ban does not hold, and why.
  static let exceptions: [(path: String, word: String, reason: String)] = [
    ("Sources/Simulation/EventLoop/TaskQueue.swift", "@unchecked Sendable", "is the executor"),
    ("Sources/Simulation/EventLoop/Suspension.swift", "Task {", "is where tasks start"),
    ("Sources/Simulation/EventLoop/Suspension.swift", "Continuation", "is where tasks wait"),
    ("Sources/Simulation/Paranoia.swift", "fatalError(", "is told in release builds, too"),
  ]

  /// Whether `line` says the word in code, not in a comment.
  func isBroken(by line: Substring) -> Bool {
    let code = line.range(of: "//").map { line[..<$0.lowerBound] } ?? line
    return code.contains(word)
  }
}
