import Simulation

/// What an outage was made of for one client's host: the critical path to its first commit.
///
/// The path is that of the session that made the first commit: without it the host would have committed later. Where that
/// session had nothing to do, another one of the host may have been waiting, and this is what held the host up; where
/// none was, the host wanted nothing.
///
/// | the session | its time is |
/// |---|---|
/// | waits for an answer on a connection from before the opening, or to what is no writer | `client notices` |
/// | the same, on a connection that a kept answer led to after the name had moved | `name cached` |
/// | waits for the name server | `name look-up` |
/// | connects where a kept answer leads though the name has moved, and pauses after that | `name cached` |
/// | connects its transport, whether or not that works, and pauses after an attempt that failed | `connect attempts` |
/// | logs in, whether or not it is let in | `log in` |
/// | runs transactions at the writer | `first commit` |
///
/// All of this counts only where no ``ServicePeriod`` is on.
struct ClientTimeline {
  typealias Stretch = ServicePeriod.Stretch

  /// From the beginning of the outage to its end, in order of time, without a gap or an overlap.
  private(set) var stretches: [Stretch] = []
  /// What the host was waiting for at the end, in words.
  private(set) var obstacle = "it wanted nothing"

  /// A stretch of a session, and what one can say of it.
  private struct Step {
    var stretch: Stretch
    let text: String
  }

  private let client: String
  private let measurement: Measurement
  private let periods: [ServicePeriod]

  /// - Parameters:
  ///   - first: the place of the interruption with which it begins; later ones may follow before it has ended.
  ///   - commit: the one that ended it.
  init(
    of client: String, in measurement: Measurement, interruptions first: Int, from start: Instant,
    to end: Instant, commit: (workload: Int, commit: WorkloadRecord.Commit)?
  ) {
    (self.client, self.measurement) = (client, measurement)
    let interruptions = measurement.succession.interruptions[first...].filter { $0.cause < end }
    periods = interruptions.map { ServicePeriod(of: $0, for: client, in: measurement) }
    let sessions = sessions(from: start, to: end, commit)
    let own = critical(sessions, commit)
    var path: [Stretch] = []
    var reached = start
    func add(_ phase: Waterfall.Phase, until instant: Instant) {
      guard instant > reached else { return }
      path.append(Stretch(phase: phase, start: reached, end: instant))
      reached = instant
    }
    while reached < end {
      // A later interruption comes before an earlier one, and the service before the client.
      if let stretch = periods.reversed().lazy.flatMap(\.stretches)
        .first(where: { $0.start <= reached && reached < $0.end })
      {
        let later = periods.map(\.start).filter { $0 > reached }.min() ?? end
        add(stretch.phase, until: min(stretch.end, later, end))
        continue
      }
      let limit = min(end, periods.map(\.start).filter { $0 > reached }.min() ?? end)
      let place = own.partitioningIndex { $0.stretch.end > reached }
      if place < own.count, own[place].stretch.start < limit {
        let step = own[place]
        if step.stretch.start <= reached {
          add(step.stretch.phase, until: min(step.stretch.end, limit))
        } else {
          fill(until: step.stretch.start, from: sessions, at: reached, add)
        }
      } else {
        fill(until: limit, from: sessions, at: reached, add)
      }
    }
    // Every outage has the bars of the service, and that of its end, though they may have no length.
    let named = (periods.first?.stretches ?? []).filter { bar in
      !path.contains { $0.phase == bar.phase }
    }
    stretches =
      Self.ordered(named.map { Stretch(phase: $0.phase, start: start, end: start) } + path)
    if commit != nil, !path.contains(where: { $0.phase == .firstCommit }) {
      stretches.append(Stretch(phase: .firstCommit, start: end, end: end))
    }
    if let text = own.last(where: { $0.stretch.end >= end })?.text { obstacle = text }
    if measurement.succession.interruptions[first...].last?.opening == nil {
      obstacle = "there is no writer"
    }
  }

  /// The bars of the service in their order, whether or not they have a length.
  private static func ordered(_ stretches: [Stretch]) -> [Stretch] {
    let service: [Waterfall.Phase] = [.detect, .elect, .fenceAndRecover, .open, .nameMoved]
    let empty = stretches.filter { $0.start == $0.end }
    var ordered: [Stretch] = []
    var waiting = service.compactMap { phase in empty.first { $0.phase == phase } }
    for stretch in stretches where stretch.start != stretch.end {
      let place = service.firstIndex(of: stretch.phase) ?? service.count
      while let next = waiting.first, let before = service.firstIndex(of: next.phase),
        before < place
      {
        ordered.append(
          Stretch(phase: next.phase, start: stretch.start, end: stretch.start))
        waiting.removeFirst()
      }
      ordered.append(stretch)
    }
    return ordered + waiting
  }

  /// Where the critical session had nothing to do: what another one waited for, or nothing.
  private func fill(
    until limit: Instant, from sessions: [[Step]], at reached: Instant,
    _ add: (Waterfall.Phase, Instant) -> Void
  ) {
    let others = sessions.joined().filter { $0.stretch.end > reached && $0.stretch.start < limit }
    let held = others.filter { $0.stretch.start <= reached }
      .min { $0.stretch.start < $1.stretch.start }
    if let held { return add(held.stretch.phase, min(held.stretch.end, limit)) }
    add(.noRequest, min(limit, others.map(\.stretch.start).min() ?? limit))
  }

  /// The session that ended the outage; or, if it has not ended, the one that has been waiting at the end for
  /// longest.
  private func critical(
    _ sessions: [[Step]], _ commit: (workload: Int, commit: WorkloadRecord.Commit)?
  ) -> [Step] {
    if commit != nil { return sessions.first ?? [] }
    return sessions.max { left, right in
      (left.last?.stretch.end ?? .start, right.last?.stretch.start ?? .start)
        < (right.last?.stretch.end ?? .start, left.last?.stretch.start ?? .start)
    } ?? []
  }

  // MARK: What sessions did

  /// The steps of every session of the host that did something, that of the commit first.
  private func sessions(
    from start: Instant, to end: Instant, _ commit: (workload: Int, commit: WorkloadRecord.Commit)?
  ) -> [[Step]] {
    var all: [[Step]] = []
    for (place, workload) in measurement.record.workloads.enumerated() {
      var steps = LookupTable<Int, [Step]>()
      func add(_ number: Int, _ step: Step) {
        guard step.stretch.end > start, step.stretch.start < end else { return }
        steps[number, default: []].append(step)
      }
      for failure in workload.failures where failure.attempt.client == client {
        add(failure.attempt.number, step(failure.attempt, until: failure.instant, end))
      }
      for case let attempt? in workload.underWay where attempt.client == client {
        add(attempt.number, step(attempt, until: .distantFuture, end))
      }
      // An answer that came after the run was over: until then it was waited for.
      let late = workload.commits.partitioningIndex { $0.instant >= end }
      for commit in workload.commits[late...] where commit.client == client {
        let attempt = WorkloadRecord.Attempt(
          begun: max(commit.begun, commit.session), client: client, number: commit.number,
          session: commit.session,
          server: commit.server)
        add(commit.number, step(attempt, until: commit.instant, end, isCommitted: true))
      }
      var nextBegin = LookupTable<Int, Instant>()
      for attempt in workload.connectAttempts.reversed() where attempt.client == client {
        for step in self.steps(attempt, next: nextBegin[attempt.session], end) {
          add(attempt.session, step)
        }
        nextBegin[attempt.session] = attempt.begun
      }
      for (number, found) in steps.sortedByKey() {
        let path = Self.disjoint(found)
        if let commit, commit.workload == place, commit.commit.number == number {
          all.insert(path, at: 0)
        } else {
          all.append(path)
        }
      }
    }
    return all
  }

  /// In order of time; what begins while another goes on begins after it.
  private static func disjoint(_ steps: [Step]) -> [Step] {
    var reached = Instant.start
    return steps.enumerated()
      .sorted {
        ($0.element.stretch.start, $0.element.stretch.end, $0.offset)
          < ($1.element.stretch.start, $1.element.stretch.end, $1.offset)
      }
      .compactMap { _, step in
        let start = max(step.stretch.start, reached)
        guard start < step.stretch.end else { return nil }
        reached = step.stretch.end
        var step = step
        step.stretch = Stretch(phase: step.stretch.phase, start: start, end: step.stretch.end)
        return step
      }
  }

  /// An attempt at a transaction.
  private func step(
    _ attempt: WorkloadRecord.Attempt, until instant: Instant, _ end: Instant,
    isCommitted: Bool = false
  ) -> Step {
    let stop = min(instant, end)
    let writer = measurement.succession.writer(at: stop)
    let server = measurement.name(of: attempt.server)
    let phase: Waterfall.Phase
    let text: String
    if let writer, measurement.host(of: writer) == attempt.server,
      isCommitted || attempt.session >= writer.instant
    {
      (phase, text) = (.firstCommit, "it waits for an answer from \(server)")
    } else if let moved = moved(by: stop), attempt.session >= moved {
      (phase, text) = (.nameCached, "a kept answer of the name server has led it to \(server)")
    } else {
      let patience = measurement.record.scenario.clients
        .first { kind in (0..<kind.count).contains { HostName.client(kind.id, $0) == client } }?
        .socketTimeout
      phase = .clientNotices
      text =
        "it waits for an answer on a connection to \(server) from before the loss"
        + (patience.map { ", with a socket time-out of \($0)" } ?? "")
    }
    return Step(stretch: Stretch(phase: phase, start: attempt.begun, end: instant), text: text)
  }

  /// An attempt to connect, and the pause after it.
  ///
  /// - Parameter next: when the session tried again.
  private func steps(_ attempt: ConnectAttempt, next: Instant?, _ end: Instant) -> [Step] {
    let ended = attempt.ended ?? .distantFuture
    let last = attempt.failure == nil ? ended : max(ended, next ?? .distantFuture)
    func step(_ phase: Waterfall.Phase, _ start: Instant, _ end: Instant, _ text: String) -> Step {
      Step(stretch: Stretch(phase: phase, start: start, end: end), text: text)
    }
    let kind = attempt.failure.map { ": \($0.kind)" } ?? ""
    guard let resolved = attempt.resolved, let host = attempt.server else {
      return [step(.nameLookUp, attempt.begun, last, "the name server gives no answer\(kind)")]
    }
    let server = measurement.name(of: host)
    let lookUp = step(
      .nameLookUp, attempt.begun, resolved, "it waits for the name server's answer")
    let writer = measurement.succession.writer(at: min(ended, end))
    let isWriter = writer.map { measurement.host(of: $0) == host } ?? false
    if !isWriter, attempt.isCached, let moved = moved(by: min(ended, end)), resolved >= moved {
      return [
        lookUp,
        step(.nameCached, resolved, last, "a kept answer leads it to \(server)\(kind)"),
      ]
    }
    let isRefused = attempt.failure != nil
    let trouble =
      isWriter ? "\(server) does not let it in\(kind)" : "the name leads it to \(server)\(kind)"
    guard let connected = attempt.connected else {
      let text = isRefused || !isWriter ? trouble : "it waits for a connection to \(server)"
      return [lookUp, step(.connectAttempts, resolved, last, text)]
    }
    let text = isRefused || !isWriter ? trouble : "it waits to be logged in by \(server)"
    return [
      lookUp,
      step(.connectAttempts, resolved, connected, "it waits for a connection to \(server)"),
      step(.logIn, connected, ended, text), step(.connectAttempts, ended, last, text),
    ]
  }

  /// When the name had come to stand for the writer of the moment; `nil` if it had not.
  private func moved(by instant: Instant) -> Instant? {
    periods.compactMap(\.moved).filter { $0 <= instant }.max()
  }
}
