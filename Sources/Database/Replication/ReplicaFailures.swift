import Simulation

/// Replication that fails to get through, by order of `aurora_inject_replica_failure`.
///
/// What is blocked is not lost, or the stream would have a hole: it waits, and goes with the next piece that
/// gets through. If nothing does for long enough, the reader takes the stream for broken, and begins anew
/// when it is let through again.
final class ReplicaFailure {
  let id: UInt64
  /// The probability with which a piece of the stream is blocked, from 0 to 1.
  let share: Double
  /// The reader that is concerned; `nil` for all.
  let replica: String?
  private(set) var end: Instant
  private let random: RandomStream
  /// Pieces of the stream that were blocked.
  private(set) var blockedCount = 0

  init(id: UInt64, share: Double, replica: String?, end: Instant, random: RandomStream) {
    (self.id, self.share, self.replica, self.end) = (id, share, replica, end)
    self.random = random
  }

  func finish() { end = .start }

  /// Decides about a piece of the stream to this reader; one that is not known yet is among all only.
  fileprivate func blocks(_ name: String?, at now: Instant) -> Bool {
    guard now < end, replica == nil || replica == name, random.chance(share) else { return false }
    blockedCount += 1
    return true
  }
}

/// The failures that are on at one end of a stream.
struct ReplicaFailures {
  private var failures: [ReplicaFailure] = []

  var isEmpty: Bool { failures.isEmpty }

  mutating func add(_ failure: ReplicaFailure) { failures.append(failure) }

  /// Decides about the next piece of the stream to a reader.
  mutating func block(_ name: String?, at now: Instant) -> Bool {
    if failures.isEmpty { return false }
    failures.removeAll { $0.end <= now }
    // Each draws, whatever the others say.
    return failures.reduce(false) { $1.blocks(name, at: now) || $0 }
  }
}
