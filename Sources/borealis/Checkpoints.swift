import Foundation
import Scenarios
import Simulation

/// Copies of this process that stand still, each at an instant of the run, until one of them is to go on.
///
/// ```
///   keeper                          what the shell waits for; it ends with the last of the others
///     └─ the one that goes on
///          ├─ copy at 0 s  ◀── pipe     a copy reads from its pipe, and does nothing else
///          ├─ copy at 1 s  ◀── pipe
///          └─ copy at 2 s  ◀── pipe
/// ```
///
/// The run goes back by waking a copy: the one that goes on writes where it wants to be into the copy's
/// pipe, and exits. The copy leaves a copy of itself in its place, and is from then on the one that goes on.
/// So ``keep(at:)`` returns many times: once where it was called, and once for each time that this place is
/// gone back to. If the one that goes on crashes, the newest copy learns of it by the end of its pipe, and
/// goes on itself.
///
/// `fork` copies one thread and all memory. That is a copy of the run because a run is confined to one
/// thread, has no pool of threads behind it, and keeps no file open while it goes on; a process with a second
/// thread is refused. Pages are shared until somebody writes to them, and the number of copies is limited.
///
/// Standard input is shared by all, so that nobody may read ahead; see ``Terminal/readLine()``.
struct Checkpoints {
  /// Thrown where a copy has been woken.
  struct Awakening: Error {
    /// Where it is to go; `nil` if it wakes because the one that went on has crashed.
    let target: Interval?
  }

  struct CannotFork: LocalizedError {
    let reason: String
    var errorDescription: String? { "this process cannot be copied: \(reason)" }
  }

  /// A copy, as seen by who can wake it.
  private struct Copy {
    let instant: Interval
    let wakeEnd: Int32
  }

  /// In order of their instants, none twice.
  private var copies: [Copy] = []
  /// Where the last of all writes the exit code.
  private let codeEnd: Int32

  /// How many copies stand by at most.
  static let limit = 24
  /// An order that ends a copy, in place of an instant.
  private static let endOrder = Int64(-1)

  /// Makes this process the keeper, and returns in a copy of it, the first that goes on.
  ///
  /// - Throws: ``CannotFork``, if this process has more than one thread.
  init() throws(CannotFork) {
    let (readEnd, writeEnd) = try Self.pipe()
    codeEnd = writeEnd
    if try Self.fork() == 0 {
      close(readEnd)
      // A copy may have been ended by others: that is seen when it is written to. Nobody waits for copies.
      signal(SIGPIPE, SIG_IGN)
      signal(SIGCHLD, SIG_IGN)
      return
    }
    close(writeEnd)
    var code = UInt8(Verdict.unknown.exitCode)
    while Self.read(readEnd, into: &code) > 0 {}
    Foundation.exit(Int32(code))
  }

  /// The newest instant that can be gone back to.
  var newest: Interval? { copies.last?.instant }

  /// Leaves a copy of this process here.
  ///
  /// - Parameter instant: where the run stands, later than ``newest``.
  /// - Throws: ``Awakening`` in a copy that has been woken; nothing in the process that called it.
  mutating func keep(at instant: Interval) throws {
    var awakening: Awakening?
    while true {
      let (readEnd, wakeEnd) = try Self.pipe()
      guard try Self.fork() == 0 else {
        close(readEnd)
        copies.append(Copy(instant: instant, wakeEnd: wakeEnd))
        thinOut()
        if let awakening { throw awakening }
        return
      }
      close(wakeEnd)
      awakening = sleep(at: readEnd)
      close(readEnd)
    }
  }

  /// Wakes the newest copy that is not later than an instant, and ends this process.
  ///
  /// Returns only if there is no such copy.
  mutating func goBack(to target: Interval) {
    while let last = copies.last, last.instant > target { end(copies.removeLast()) }
    while let copy = copies.popLast() {
      let order = [target.nanoseconds] + copies.map(\.instant.nanoseconds)
      if send(order, to: copy) { leave() }
      close(copy.wakeEnd)
    }
  }

  /// Ends this process, all copies and the keeper.
  ///
  /// - Parameter code: for the shell.
  mutating func endAll(code: Int32) -> Never {
    while let copy = copies.popLast() { end(copy) }
    var byte = UInt8(truncatingIfNeeded: code)
    _ = write(codeEnd, &byte, 1)
    leave()
  }

  // MARK: Copies

  /// Waits for an order, as a copy.
  private mutating func sleep(at readEnd: Int32) -> Awakening {
    var order = [Int64](repeating: 0, count: Self.limit + 2)
    let size = order.withUnsafeMutableBytes { buffer in
      while true {
        let size = Glibc.read(readEnd, buffer.baseAddress, buffer.count)
        if size >= 0 || errno != EINTR { return size }
      }
    }
    guard size > 0 else { return Awakening(target: nil) }
    if order[0] == Self.endOrder { leave() }
    // Some of those that stood by when this copy was made may have been ended since.
    let standingBy = order[1..<size / MemoryLayout<Int64>.size]
    for copy in copies where !standingBy.contains(copy.instant.nanoseconds) { close(copy.wakeEnd) }
    copies.removeAll { !standingBy.contains($0.instant.nanoseconds) }
    return Awakening(target: .nanoseconds(order[0]))
  }

  /// Ends the copy that will be missed least: the further back, the wider apart they may be.
  private mutating func thinOut() {
    guard copies.count > Self.limit, let newest else { return }
    let victim = (1..<copies.count - 1).min { first, second in
      hole(without: first) / (newest - copies[first].instant).seconds
        < hole(without: second) / (newest - copies[second].instant).seconds
    }
    if let victim { end(copies.remove(at: victim)) }
  }

  /// The seconds between the neighbours of a copy.
  private func hole(without index: Int) -> Double {
    (copies[index + 1].instant - copies[index - 1].instant).seconds
  }

  private func end(_ copy: Copy) {
    _ = send([Self.endOrder], to: copy)
    close(copy.wakeEnd)
  }

  /// - Returns: `false` if the copy is gone.
  private func send(_ order: [Int64], to copy: Copy) -> Bool {
    order.withUnsafeBytes { write(copy.wakeEnd, $0.baseAddress, $0.count) == $0.count }
  }

  private func leave() -> Never {
    fflush(nil)
    _exit(0)
  }

  // MARK: The operating system

  private static func pipe() throws(CannotFork) -> (readEnd: Int32, writeEnd: Int32) {
    var ends: (Int32, Int32) = (-1, -1)
    let failure = withUnsafeMutablePointer(to: &ends) {
      $0.withMemoryRebound(to: Int32.self, capacity: 2) { Glibc.pipe($0) }
    }
    guard failure == 0 else { throw CannotFork(reason: String(cString: strerror(errno))) }
    return ends
  }

  /// - Returns: 0 in the copy.
  private static func fork() throws(CannotFork) -> pid_t {
    // Any other thread would be missing in the copy, and what it holds would be held for ever.
    let threads = RuntimeAssumptions.threadCount
    guard threads == 1 else {
      throw CannotFork(reason: "expected one thread, found \(threads ?? 0)")
    }
    // What is not written yet would be written by both.
    fflush(nil)
    let identifier = Glibc.fork()
    guard identifier >= 0 else { throw CannotFork(reason: String(cString: strerror(errno))) }
    return identifier
  }

  private static func read(_ descriptor: Int32, into byte: inout UInt8) -> Int {
    while true {
      let size = Glibc.read(descriptor, &byte, 1)
      if size >= 0 || errno != EINTR { return size }
    }
  }
}
