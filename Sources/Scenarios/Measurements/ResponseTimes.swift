import Simulation
import Statistics

/// How long transactions took, those included that were never answered.
///
/// Who counts only answers measures the survivors: a service that answers one transaction in 5 ms and a
/// thousand not at all would have a p99 of 5 ms. So every transaction that arrived counts, once in each window:
///
/// ```
///              fault                            run's end
///   ─────────▕██████████████▏────────────────────────┤
///    a ├─┤                                               counts outside faults
///    b       ├────┤                                      counts during faults
///    c            ├────────────┤                         counts during faults, with all its time
///    d              ├─────────────────────────────── ?   waited in both, and counts in both, with at least
///                   └────────── its age ───────────┘     its age; and in after_faults
/// ```
///
/// - One that was *answered* within the run counts with the time from its arrival to the answer, in the windows to
///   which this time belongs as a whole; see ``MeasuredWindow``. An answer is the acknowledgement of its COMMIT, the error
///   with which the client gave it up, or the loss of the connection while its COMMIT was out.
/// - One that was *not answered* when the run ended counts with at least its age then, in every window in which it
///   waited. What it would have come to in the end is known if it was answered later, while the end state was read;
///   else there is no limit. A statistic is judged if the bound lies outside what is possible, and else unknown.
/// - One whose *application ended*, or was not there, will never be answered; it is one of these.
///
/// `unserved` counts those that were not answered and had waited for longer than ``patience``, and those whose
/// application was not there: a transaction that is under way when the run ends, as some always are, is not unserved.
struct ResponseTimes {
  /// After which a transaction that is not answered has been kept waiting, for all that a client can tell. It is a
  /// guess: a hundred times what a transaction usually takes.
  static let patience = Interval.seconds(1)

  /// The times that are known, and of the others the least that they can be.
  private(set) var least = TimeSample()
  /// The most that they can be, without those that have no limit.
  private var most = TimeSample()
  /// How many may have been without limit.
  private(set) var unlimited = 0
  private(set) var unserved = 0

  mutating func record(_ time: Interval) { record(from: time, to: time) }

  mutating func record(from least: Interval, to most: Interval?) {
    self.least.record(least)
    if let most { self.most.record(most) } else { unlimited += 1 }
  }

  fileprivate mutating func recordWaiting(_ age: Interval, to most: Interval?, isLost: Bool) {
    record(from: age, to: most)
    if isLost || age > Self.patience { unserved += 1 }
  }

  /// - Returns: `nil` if there is nothing to observe.
  func observation(
    _ statistic: Scenario.Objective.Statistic
  ) -> MetricSample.Observation? {
    guard let least = least.statistic(statistic) else { return nil }
    return MetricSample.Observation(least: least, most: limit(of: statistic))
  }

  private func limit(of statistic: Scenario.Objective.Statistic) -> Double? {
    guard unlimited > 0 else { return most.statistic(statistic) }
    if statistic == .count { return least.statistic(.count) }
    guard let quantile = statistic.quantile else {
      return statistic == .min ? most.statistic(.min) : nil
    }
    // What has no limit stands behind everything that has one.
    let limited = most.histogram.count
    let rank = Int((Double(limited + unlimited) * quantile).rounded(.up))
    guard rank <= limited else { return nil }
    return most.histogram.quantile(Double(max(rank, 1)) / Double(limited))
      .map { Double($0.nanoseconds) }
  }

  var summary: LatencySummary {
    var summary = least.summary
    summary.unanswered = unlimited
    return summary
  }
}

extension Measurement {
  /// Of the transactions of a workload that belong to the window.
  func responseTimes(of workload: WorkloadRecord, in window: MeasuredWindow) -> ResponseTimes {
    var times = ResponseTimes()
    for request in workload.requests {
      if let end = answer(to: request), end < record.end {
        if window.contains(request.arrival...end) { times.record(end - request.arrival) }
      } else if request.arrival < record.end, window.meets(request.arrival..<record.end) {
        times.recordWaiting(
          record.end - request.arrival, to: answer(to: request).map { $0 - request.arrival },
          isLost: request.ending == .lost && request.end.map { $0 < record.end } == true)
      }
    }
    return times
  }

  /// From the wish for a session to the session, failed attempts and pauses included; what waits counts as a
  /// transaction that waits does.
  func connectTimes(of workload: WorkloadRecord, in window: MeasuredWindow) -> ResponseTimes {
    var times = ResponseTimes()
    for wish in workload.wishesForSessions {
      if let opened = wish.opened, opened < record.end {
        if window.contains(wish.wanted...opened) { times.record(opened - wish.wanted) }
      } else if wish.wanted < record.end, wish.isPending(at: record.end),
        window.meets(wish.wanted..<record.end)
      {
        times.recordWaiting(
          record.end - wish.wanted, to: wish.opened.map { $0 - wish.wanted }, isLost: false)
      }
    }
    return times
  }

  private func answer(to request: WorkloadRecord.Request) -> Instant? {
    switch request.ending {
    case .committed, .givenUp, .inDoubt: request.end
    case .waiting, .lost: nil
    }
  }

  /// How many transactions the sessions of a closed loop would have begun, had they not been kept waiting.
  ///
  /// A session that waits sends nothing, so that a stall is one slow transaction, however long it was: what it
  /// omitted is what it would have sent meanwhile at the usual pace, a transaction in every usual think time and
  /// median latency. So is what nobody sent while the application was away.
  ///
  /// - Returns: `nil` for an open loop, which omits nothing.
  ///
  /// Source: Gil Tene's "coordinated omission"; the count is that of HdrHistogram's `recordCorrectedValue`.
  func omitted(by workload: WorkloadRecord) -> Int? {
    guard case .closed(let sessions, let thinkTime) = workload.workload.load else { return nil }
    let window = MeasuredWindow(.all, measured: measured, faults: record.faultIntervals)
    let times = responseTimes(of: workload, in: window)
    guard let median = times.least.histogram.quantile(0.5) else { return 0 }
    let pace = max(thinkTime.usual + median, .nanoseconds(1))
    let away = absences(of: workload, sessions: sessions).reduce(0) {
      $0 + Int($1.nanoseconds / pace.nanoseconds)
    }
    return workload.requests.reduce(away) { omitted, request in
      guard request.ending != .lost, request.arrival < record.end else { return omitted }
      let end = min(answer(to: request) ?? record.end, record.end)
      guard measured.contains(min(end, record.end - .nanoseconds(1))) else { return omitted }
      return omitted + max(0, Int((end - request.arrival).nanoseconds / pace.nanoseconds) - 1)
    }
  }

  /// For each session of a closed loop, and each time that its application ended: how long it was until a session of the
  /// same host sent something again, within the workload's time and the measured part of the run.
  private func absences(of workload: WorkloadRecord, sessions: Int) -> [Interval] {
    let id = workload.workload.client
    guard let client = record.scenario.clients.first(where: { $0.id == id }) else { return [] }
    let time =
      max(measured.lowerBound, record.origin + workload.workload.start)..<max(
        measured.lowerBound, min(measured.upperBound, record.origin + workload.workload.end))
    var absences: [Interval] = []
    for number in 0..<client.count {
      let host = HostName.client(id, number)
      // Sessions are dealt out to the hosts in turn.
      let own = (sessions - number + client.count - 1) / client.count
      var back = Instant.start
      for event in record.events where event.instant >= back {
        guard (event.payload as? HostWentDown)?.host == host else { continue }
        let next = workload.requests.first { $0.client == host && $0.arrival > event.instant }
        back = next?.arrival ?? .distantFuture
        let absence = min(back, time.upperBound) - max(event.instant, time.lowerBound)
        if absence > .zero { absences += Array(repeating: absence, count: max(0, own)) }
      }
    }
    return absences
  }
}

extension WorkloadRecord {
  /// A session that is wanted, from the first attempt to get it to the one that worked.
  struct Wish {
    let wanted: Instant
    /// `nil` if it was never opened.
    var opened: Instant?
    /// When its last attempt ended; `nil` if that is under way.
    var lastEnd: Instant?
    /// Whether the application ended while it tried.
    var isLost = false

    /// Whether somebody still wants it: all try until it works, or their application ends.
    func isPending(at instant: Instant) -> Bool {
      !isLost || lastEnd.map { $0 >= instant } ?? true
    }
  }

  /// In the order in which they began.
  var wishesForSessions: [Wish] {
    var wishes: [Wish] = []
    var latest = LookupTable<Int, Int>()
    for attempt in connectAttempts {
      var place = latest[attempt.session]
      if place.map({ wishes[$0].wanted != attempt.wanted }) ?? true {
        place = wishes.count
        latest[attempt.session] = place
        wishes.append(Wish(wanted: attempt.wanted))
      }
      guard let place else { continue }
      wishes[place].lastEnd = attempt.ended
      wishes[place].isLost = attempt.failure?.kind == "application ended"
      if attempt.isOpened { wishes[place].opened = attempt.ended }
    }
    return wishes
  }
}
