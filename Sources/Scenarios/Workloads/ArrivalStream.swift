import Simulation

/// The transactions that want to run on one client's host: demand from outside, which comes whether or not the
/// application is there.
///
/// ```
///   arrives ──▶ queue of the application ──▶ session
///      │               └─ the application ends ─┐
///      └─ no application ───────────────────────┴──▶ unserved
/// ```
///
/// An arrival that finds no application is turned away, as a load balancer does without a target, and so is one that was
/// waiting when the application ended. Nobody tries it again.
final class ArrivalStream: EventTarget {
  /// A transaction that wants to run.
  struct Arrival {
    /// Among the arrivals on this host.
    let number: Int
    let instant: Instant
  }

  /// Told of each arrival that nobody serves.
  var onUnserved: ((Arrival) -> Void)?
  private let arrivals: Arrivals
  private let start: Instant
  private let end: Instant
  private let share: Int
  private let random: RandomStream
  private let loop: EventLoop
  private var next: Arrival
  /// The queue of the application that runs.
  private var queue: Mailbox<Arrival>?

  /// - Parameters:
  ///   - share: among how many hosts the rate is divided.
  ///   - workload: names the stream that it draws from, with the host.
  init(
    _ arrivals: Arrivals, from start: Instant, to end: Instant, share: Int,
    of workload: Scenario.Workload, at host: Host
  ) {
    (self.arrivals, self.start, self.end, self.share) = (arrivals, start, end, share)
    random = host.simulation.random("arrivals/\(workload.id)/\(host.name)")
    loop = host.simulation.loop
    next = Arrival(number: -1, instant: start)
    wait()
  }

  /// What arrives from now on, until the process ends.
  func queue(in process: Process) -> Mailbox<Arrival> {
    let queue = Mailbox<Arrival>()
    self.queue = queue
    process.onEnd { [self] in
      self.queue = nil
      while let arrival = queue.takeNow() { onUnserved?(arrival) }
    }
    return queue
  }

  private func wait() {
    let gap = arrivals.gap(at: next.instant - start, share: share, random: random)
    next = Arrival(number: next.number + 1, instant: next.instant + gap)
    if next.instant < end { loop.schedule(at: next.instant, self) }
  }

  func fire(_ token: UInt64) {
    if let queue { queue.put(next) } else { onUnserved?(next) }
    wait()
  }
}
