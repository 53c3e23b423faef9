import Database
import DequeModule
import Simulation
import Volume

/// Measures for each commit and each reader how long the one took to be seen on the other, by the run's own time: a
/// simulated clock that is wrong makes no commit later.
///
/// ```
///   durable on the writer ──▶ pending, for every reader that is open ──▶ shown by the reader: seen
///                                                 └── the reader goes down, or is promoted: never seen, and
///                                                     counted as long as it was waited for
/// ```
///
/// A reader that has lost its stream is open, and serves what it has: what it does not show meanwhile grows old. What
/// was committed while a reader was down is no lag of its: nobody could ask it.
final class LagMeter: ReplicationObserver {
  /// The way of one commit to one reader.
  struct Passage: Equatable {
    /// When it was durable on the writer.
    let durable: Instant
    /// When the reader showed it; or until when it is known that it did not.
    let seen: Instant

    var lag: Interval { seen - durable }
  }

  private struct Reader {
    var isOpen = false
    var pending = Deque<(lsn: LSN, durable: Instant)>()
    /// In the order in which they ended.
    var passages: [Passage] = []
    /// Of those that ended since the last look.
    var longest: Interval?

    mutating func end(_ durable: Instant, at now: Instant) {
      let passage = Passage(durable: durable, seen: now)
      passages.append(passage)
      longest = max(longest ?? .zero, passage.lag)
    }
  }

  private let loop: EventLoop
  private var readers: [Reader]

  init(readers count: Int, loop: EventLoop) {
    self.loop = loop
    readers = Array(repeating: Reader(), count: count)
  }

  // MARK: What it is told

  func commitBecameDurable(_ lsn: LSN) {
    for index in readers.indices where readers[index].isOpen {
      readers[index].pending.append((lsn, loop.now))
    }
  }

  func reader(_ number: Int, shows lsn: LSN) {
    readers[number].isOpen = true
    while let first = readers[number].pending.first, first.lsn <= lsn {
      readers[number].pending.removeFirst()
      readers[number].end(first.durable, at: loop.now)
    }
  }

  func readerLeft(_ number: Int) {
    for commit in readers[number].pending { readers[number].end(commit.durable, at: loop.now) }
    readers[number].pending.removeAll()
    readers[number].isOpen = false
  }

  // MARK: What it tells

  /// The longest that a commit has taken to a reader since the last look, or has been waiting by now; `nil` where
  /// there is nothing to show, because nobody commits.
  func takeLongest(to number: Int) -> Interval? {
    defer { readers[number].longest = nil }
    let waiting = readers[number].pending.first.map { loop.now - $0.durable }
    guard let ended = readers[number].longest else { return waiting }
    return max(ended, waiting ?? .zero)
  }

  /// All passages to a reader that began before `end`, in the order in which they ended; what was not over then is
  /// counted as long as it had lasted.
  func passages(to number: Int, until end: Instant) -> [Passage] {
    let last = end - .nanoseconds(1)
    let reader = readers[number]
    let all = reader.passages + reader.pending.map { Passage(durable: $0.durable, seen: last) }
    return all.filter { $0.durable <= last }
      .map { Passage(durable: $0.durable, seen: min($0.seen, last)) }
  }
}
