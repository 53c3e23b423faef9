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
    /// Where it stands in the record.
    var request: Int
  }

  private let record: WorkloadRecord
  private let host: String
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
  ///   - record: is told of each arrival; its workload names the stream that it draws from, with the host.
  init(
    _ arrivals: Arrivals, from start: Instant, to end: Instant, share: Int,
    of record: WorkloadRecord, at host: Host
  ) {
    (self.record, self.host) = (record, host.name)
    let workload = record.workload
    (self.arrivals, self.start, self.end, self.share) = (arrivals, start, end, share)
    random = host.simulation.random("arrivals/\(workload.id)/\(host.name)")
    loop = host.simulation.loop
    next = Arrival(number: -1, instant: start, request: 0)
    wait()
  }

  /// What arrives from now on, until the process ends.
  func queue(in process: Process) -> Mailbox<Arrival> {
    let queue = Mailbox<Arrival>()
    self.queue = queue
    process.onEnd { [self, unowned process] in
      self.queue = nil
      while let arrival = queue.takeNow() {
        record.ended(arrival.request, .lost, at: process.now)
      }
    }
    return queue
  }

  private func wait() {
    let gap = arrivals.gap(at: next.instant - start, share: share, random: random)
    next = Arrival(number: next.number + 1, instant: next.instant + gap, request: 0)
    if next.instant < end { loop.schedule(at: next.instant, self) }
  }

  func fire(_ token: UInt64) {
    next.request = record.arrived(at: next.instant, from: host)
    if let queue { queue.put(next) } else { record.ended(next.request, .lost, at: next.instant) }
    wait()
  }
}
