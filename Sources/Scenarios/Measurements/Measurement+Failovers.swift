import ControlPlane
import Simulation
import Volume

/// What each interruption of the writer cost the clients of the cluster endpoint.
///
/// An outage begins with the fault that caused the interruption, for every client alike, and ends with
/// the first commit of a writing transaction that the writer's successor acknowledged to one of this
/// host's sessions. A session counts if it was opened after the old writer was lost, and to the instance
/// that was the writer when it acknowledged: if the successor was lost before anybody could commit, the
/// outage goes on until a commit on the one after it.
///
/// ```
///   cause         suspected    told        VDL found   open       name seen   session   commit
///     ├── detect ──┼── elect ───┼── recover ─┼── open ──┼── DNS ───┼─ recon. ──┼─ first ─┤
///                  └── fence: over when the old writer dies, or when a new epoch is in force
/// ```
extension Measurement {
  /// In the order of the losses.
  var failovers: [FailoverResult] {
    succession.interruptions.map { interruption in
      FailoverResult(
        kind: interruption.kind, fault: interruption.fault,
        cause: scenarioTime(interruption.cause), oldWriter: interruption.oldWriter,
        newWriter: interruption.opening.map { succession.openings[$0].instance },
        outages: clients(affectedBy: interruption).map { outage(of: $0, in: interruption) })
    }
  }

  /// Hosts at the cluster endpoint that were at work when the fault struck, in the order of the scenario: those of
  /// a workload that was under way and from which they had opened a session. A host that was down itself before the
  /// next writer was open has not seen how long that took.
  private func clients(affectedBy interruption: WriterSuccession.Interruption) -> [String] {
    let instant = interruption.cause
    let now = scenarioTime(instant).sinceStart
    let opening = interruption.opening.map { succession.openings[$0].instant } ?? record.end
    let down = record.events.compactMap { event in
      (instant...max(instant, opening)).contains(event.instant)
        ? (event.payload as? HostWentDown)?.host : nil
    }
    let underWay = record.workloads.filter { $0.workload.start <= now && now < $0.workload.end }
    return record.scenario.clients.filter { $0.endpoint == .cluster }
      .flatMap { client in (0..<client.count).map { HostName.client(client.id, $0) } }
      .filter { host in
        !down.contains(host) && underWay.contains { workload in
          workload.sessions.contains { $0.client == host && $0.instant <= instant }
        }
      }
  }

  private func outage(
    of client: String, in interruption: WriterSuccession.Interruption
  ) -> ClientOutage {
    let commit = firstCommit(of: client, after: interruption)
    var marks = serviceMarks(of: interruption)
    if let number = interruption.opening {
      let opening = succession.openings[number]
      let writer = commit.flatMap { succession.writer(at: $0.instant) } ?? opening
      let isMove = writer.instance != interruption.oldWriter
      let session = commit?.session ?? firstSession(of: client, to: writer)
      let resolved = isMove ? resolution(by: client, to: writer, from: interruption.cause) : nil
      marks += [
        (.dns, resolved), (.reconnect, session), (.firstCommit, commit?.instant),
      ]
    }
    if let commit {
      // Nothing that came later can have been waited for.
      marks = marks.map { ($0.phase, $0.end.map { min($0, commit.instant) }) }
    } else {
      while let last = marks.last, last.end == nil { marks.removeLast() }
    }
    return ClientOutage(
      client: client, firstCommit: commit.map { scenarioTime($0.instant) },
      waterfall: Waterfall(
        from: scenarioTime(interruption.cause),
        marks: marks.map { ($0.phase, $0.end.map(scenarioTime)) }))
  }

  // MARK: What the service did

  /// When the phases ended that are the same for all clients.
  ///
  /// For a restart in place, `detect` ends when the instance's agent notices, and `elect` when it has the
  /// engine started again. Fencing is done by the volume when the new writer opens it, and so comes after
  /// `elect` unless the old writer was dead by then; the two stand in the order in which they ended.
  private func serviceMarks(
    of interruption: WriterSuccession.Interruption
  ) -> [(phase: Waterfall.Phase, end: Instant?)] {
    let opening = interruption.opening.map { succession.openings[$0] }
    let period = interruption.cause...(opening?.instant ?? record.end)
    let isRestart = interruption.kind == .restart
    let detected =
      isRestart
      ? first(in: period) { Self.tells($0, ofTheLossOf: interruption.oldWriter) }
      : interruption.suspected
    let fenced = [interruption.died, first(in: period) { $0 is VolumeEpochTaken }]
      .compactMap(\.self).min()
    let told = opening.flatMap { opening in
      last(in: period) {
        isRestart
          ? ($0 as? EngineStarted)?.instance == opening.instance
          : ($0 as? PromotionSent)?.instance == opening.instance
      }
    }
    let recovered = opening.flatMap { opening in
      last(in: period) { ($0 as? VolumeRecovered)?.host == opening.instance }
    }
    let detect = (Waterfall.Phase.detect, detected)
    let fence = (Waterfall.Phase.fence, fenced)
    let elect = (Waterfall.Phase.elect, told)
    let isFencedLast = if let fenced, let told { fenced > told } else { false }
    return [detect] + (isFencedLast ? [elect, fence] : [fence, elect])
      + [(.recoverVolume, recovered), (.open, opening?.instant)]
  }

  private static func tells(_ event: any TracePayload, ofTheLossOf writer: String) -> Bool {
    switch event {
    case let event as EngineCrashed: event.instance == writer
    case let event as EngineHung: event.instance == writer
    case let event as EngineFenced: event.instance == writer
    case let event as InstanceSuspected: event.instance == writer
    default: false
    }
  }

  private func first(
    in period: ClosedRange<Instant>, where isMeant: (any TracePayload) -> Bool
  ) -> Instant? {
    record.events.first { period.contains($0.instant) && isMeant($0.payload) }?.instant
  }

  private func last(
    in period: ClosedRange<Instant>, where isMeant: (any TracePayload) -> Bool
  ) -> Instant? {
    record.events.last { period.contains($0.instant) && isMeant($0.payload) }?.instant
  }

  // MARK: What the client did

  private func firstCommit(
    of client: String, after interruption: WriterSuccession.Interruption
  ) -> WorkloadRecord.Commit? {
    guard let number = interruption.opening else { return nil }
    let opened = succession.openings[number].instant
    func ends(_ commit: WorkloadRecord.Commit) -> Bool {
      commit.client == client && commit.writes && commit.session >= interruption.lost
        && succession.writer(at: commit.instant).map { host(of: $0) } == commit.server
    }
    return record.workloads
      .compactMap { workload in
        let start = workload.commits.partitioningIndex { $0.instant >= opened }
        return workload.commits[start...].first(where: ends)
      }
      .filter { $0.instant < record.end }
      .min { $0.instant < $1.instant }
  }

  private func firstSession(
    of client: String, to writer: WriterSuccession.Opening
  ) -> Instant? {
    record.workloads
      .compactMap { workload in
        workload.sessions.first {
          $0.client == client && $0.server == host(of: writer)
            && $0.instant >= writer.instant && $0.instant < record.end
        }?.instant
      }
      .min()
  }

  /// When the client's resolver first gave the new writer.
  private func resolution(
    by client: String, to writer: WriterSuccession.Opening, from cause: Instant
  ) -> Instant? {
    let answer = ClientResolved(host: client, instance: writer.instance)
    return record.events.first {
      $0.instant >= cause && $0.instant < record.end && $0.payload as? ClientResolved == answer
    }?.instant
  }

  private func host(of writer: WriterSuccession.Opening) -> HostID { record.hosts[writer.index] }
}

extension Array {
  /// The first place whose element satisfies a predicate that, once true, stays true.
  ///
  /// - Complexity: O(log n).
  func partitioningIndex(where predicate: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if predicate(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
