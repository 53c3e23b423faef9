import ControlPlane
import Simulation
import Volume

/// What each interruption of the writer cost the clients of the cluster endpoint.
///
/// A client's host is *interrupted* if an attempt of it failed, or a transaction of it waited for over a second, between
/// the loss of the writer and the client's first commit by the next one; a conflict with another transaction is no
/// such failure. Others have no outage: the writer may change between two of their transactions.
///
/// An outage begins at the later of the fault and the client's last acknowledged commit, and ends with its first
/// commit of a writing transaction by the next writer. A session counts if it was opened after the old writer was lost,
/// and to the instance that was the writer when it acknowledged: if the successor was lost before anybody could commit,
/// the outage goes on until a commit on the one after it.
///
/// Where the time went, ``ServicePeriod`` and ``ClientTimeline`` tell:
///
/// ```
///   fault    noticed    told        VDL found   open     in name servers                     commit
///     ├─ detect ─┼─ elect ─┼─ fence and ──┼── open ──┼── name moved ──┼┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┤
///                             recover                                   the client's own causes
/// ```
///
/// Until the name has moved, the client could not have committed, whatever it did: that time is the service's. From
/// then on it is the client's: it has not noticed that its connection is dead, goes where a cached answer leads, waits
/// for an attempt to connect to fail, logs in. The two have no instant in common, and leave none out.
extension Measurement {
  /// In the order of the losses.
  var failovers: [FailoverResult] {
    succession.interruptions.enumerated().map { place, interruption in
      let clients = clients(affectedBy: interruption)
      var result = FailoverResult(
        kind: interruption.kind, fault: interruption.fault,
        cause: scenarioTime(interruption.cause), oldWriter: interruption.oldWriter,
        newWriter: interruption.opening.map { succession.openings[$0].instance },
        outages: clients.compactMap { outage(of: $0, in: place) })
      result.clientsAtWork = clients
      return result
    }
  }

  /// Hosts at the cluster endpoint that were at work when the fault struck, in the order of the scenario: those of
  /// a workload that writes and was under way, and from which they had opened a session. A host that was down itself
  /// before the next writer was open has not seen how long that took.
  private func clients(affectedBy interruption: WriterSuccession.Interruption) -> [String] {
    let instant = interruption.cause
    let now = scenarioTime(instant).sinceStart
    let opening = interruption.opening.map { succession.openings[$0].instant } ?? record.end
    let down = record.events.compactMap { event in
      (instant...max(instant, opening)).contains(event.instant)
        ? (event.payload as? HostWentDown)?.host : nil
    }
    let underWay = record.workloads.filter {
      $0.workload.mix.writes && $0.workload.start <= now && now < $0.workload.end
    }
    var connected = LookupTable<String, Bool>()
    for attempt in underWay.flatMap(\.connectAttempts) where attempt.isOpened {
      if let ended = attempt.ended, ended <= instant { connected[attempt.client] = true }
    }
    return record.scenario.clients.filter { $0.endpoint == .cluster }
      .flatMap { client in (0..<client.count).map { HostName.client(client.id, $0) } }
      .filter { !down.contains($0) && connected[$0] == true }
  }

  /// - Parameter place: of the interruption.
  /// - Returns: `nil` if the client was not interrupted.
  private func outage(of client: String, in place: Int) -> ClientOutage? {
    let interruption = succession.interruptions[place]
    let commit = firstCommit(of: client, after: interruption)
    let end = commit?.commit.instant ?? record.end
    guard isInterrupted(client, from: interruption.lost, to: end) else { return nil }
    let start = max(interruption.cause, lastCommit(of: client, before: end) ?? interruption.cause)
    let timeline = ClientTimeline(
      of: client, in: self, interruptions: place, from: start, to: end, commit: commit)
    let waterfall = Waterfall(
      from: scenarioTime(start),
      stretches: timeline.stretches.map { ($0.phase, $0.end - $0.start) })
    precondition(waterfall.end == scenarioTime(end), "the bars of \(client) do not add up")
    return ClientOutage(
      client: client, firstCommit: commit.map { scenarioTime($0.commit.instant) },
      waterfall: waterfall, obstacle: commit == nil ? timeline.obstacle : nil)
  }

  private func isInterrupted(_ client: String, from lost: Instant, to end: Instant) -> Bool {
    let period = lost...max(lost, end)
    return record.workloads.contains { workload in
      workload.failures.contains {
        $0.attempt.client == client && !$0.isConflict && period.contains($0.instant)
      }
        || workload.connectAttempts.contains { attempt in
          attempt.client == client && attempt.failure != nil
            && attempt.ended.map(period.contains) == true
        }
        || workload.requests.contains { request in
          guard request.client == client, request.arrival <= end else { return false }
          let answered = min(request.end ?? record.end, record.end)
          return answered >= lost && answered - request.arrival > ResponseTimes.patience
        }
    }
  }

  private func lastCommit(of client: String, before end: Instant) -> Instant? {
    record.workloads.compactMap { workload in
      let place = workload.commits.partitioningIndex { $0.instant >= end }
      return workload.commits[..<place].last { $0.client == client && $0.writes }?.instant
    }
    .max()
  }

  private func firstCommit(
    of client: String, after interruption: WriterSuccession.Interruption
  ) -> (workload: Int, commit: WorkloadRecord.Commit)? {
    guard let number = interruption.opening else { return nil }
    let opened = succession.openings[number].instant
    func ends(_ commit: WorkloadRecord.Commit) -> Bool {
      commit.client == client && commit.writes && commit.session >= interruption.lost
        && succession.writer(at: commit.instant).map { host(of: $0) } == commit.server
    }
    return record.workloads.enumerated()
      .compactMap { place, workload in
        let start = workload.commits.partitioningIndex { $0.instant >= opened }
        return workload.commits[start...].first(where: ends).map { (place, $0) }
      }
      .filter { $0.1.instant < record.end }
      .min { $0.1.instant < $1.1.instant }
  }

  func host(of writer: WriterSuccession.Opening) -> HostID { record.hosts[writer.index] }

  /// What stands on a host, in words.
  func name(of host: HostID) -> String {
    record.hosts.firstIndex(of: host).map { record.scenario.cluster.instances[$0].id }
      ?? "host \(host.index)"
  }
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
