import DequeModule
import Simulation

/// How the log leaves: batches, their order, and what is sent again.
///
/// ```
///   a buffer is due ─┬─ little is under way ─▶ sealed, sent
///                    └─ much is under way ──▶ all buffers sealed (a cut) ─▶ queue ─▶ sent in order
///   sent ─▶ no quorum after a while ─▶ sent again, ever more seldom
/// ```
///
/// Nothing is given to a socket that has no room for it: what it dropped would only be missed after a time-out, and
/// what is sent first would always be what gets through.
extension VolumeClient {
  /// Sees to it that what is in a group's buffer is sent after `delay` at the latest.
  func submit(_ group: Int, after delay: Interval) {
    let due = process.now + delay
    guard due < groups[group].submission?.due ?? .distantFuture else { return }
    cancelSubmission(of: group)
    groups[group].submission = (due, process.schedule(at: due, self, token: UInt64(group)))
  }

  private func cancelSubmission(of group: Int) {
    guard let (_, timer) = groups[group].submission else { return }
    process.simulation.loop.cancel(timer)
    groups[group].submission = nil
  }

  /// Somebody waits: all that is in the buffers goes out.
  func hasten() {
    for group in groups.indices where !groups[group].isEmpty {
      submit(group, after: tuning.submissionDelay)
    }
  }

  /// Sends what is in a group's buffer, or lets it wait for its turn.
  func submit(_ group: Int) {
    cancelSubmission(of: group)
    guard !isFenced, !groups[group].isEmpty else { return }
    let size = groups[group].size
    if flow.isFree(for: size), socketsHaveRoom(for: size, group) {
      let (bytes, last) = seal(group)
      launch(bytes, last: last, group)
    } else {
      cut()
      pump()
    }
  }

  /// Seals all buffers, at the end of a mini-transaction.
  private func cut() {
    process.probe(VolumeProbe.logWasQueued)
    var lowest = LSN(.max)
    for group in groups.indices where !groups[group].isEmpty {
      lowest = min(lowest, groups[group].first)
    }
    let floor = LSN(lowest.value - 1)
    for group in groups.indices where !groups[group].isEmpty {
      cancelSubmission(of: group)
      let (bytes, last) = seal(group)
      flow.queue.append(LogFlow.Queued(group: group, bytes: bytes, last: last, floor: floor))
    }
  }

  /// Sends what may leave of the queue.
  func pump() {
    let complete = max(volumeCompleteLSN, start)
    while let batch = flow.queue.first, flow.admits(batch, complete: complete), !isFenced {
      guard socketsHaveRoom(for: batch.bytes.count, batch.group) else {
        schedulePump()
        return
      }
      flow.queue.removeFirst()
      launch(batch.bytes, last: batch.last, batch.group)
    }
  }

  private func schedulePump() {
    guard !isPumpScheduled else { return }
    isPumpScheduled = true
    process.schedule(after: Self.socketPatience, self, token: Token.pump)
  }

  func pumpIsDue() {
    isPumpScheduled = false
    pump()
  }

  /// When to look again whether sockets have room: an interface of 10 Gbit/s sends in this time about what one socket
  /// holds.
  private static let socketPatience = Interval.microseconds(250)

  private func socketsHaveRoom(for bytes: Int, _ group: Int) -> Bool {
    geometry.members[group].allSatisfy { process.canSend(bytes, from: port, to: $0) }
  }

  private func seal(_ group: Int) -> (bytes: [UInt8], last: LSN) {
    flow.noteSealed()
    return groups[group].takeBatch(points(of: group))
  }

  private func launch(_ bytes: [UInt8], last: LSN, _ group: Int) {
    meters.noteBatch(of: bytes.count)
    flow.noteSent(bytes.count, last: last)
    groups[group].noteSent(GroupDriver.Batch(bytes: bytes, last: last, sentAt: process.now))
    for member in geometry.members[group] {
      send(bytes, to: member)
      if process.buggify(VolumeFaultPoint.batchIsSentTwice, chance: 0.02) {
        send(bytes, to: member)
      }
    }
    scheduleRetransmission()
  }

  private func points(of group: Int) -> GroupDriver.Points {
    GroupDriver.Points(
      group: group, epoch: epoch, volumeDurableLSN: trueDurableLSN,
      minimumReadPoint: min(minimumReadPoint, trueDurableLSN),
      allCompleteLSN: durability.allCompleteLSN(of: group))
  }

  func send(_ bytes: [UInt8], to member: Address) {
    meters.messages += 1
    meters.bytesSent += bytes.count
    process.send(bytes, from: port, to: member)
  }

  // MARK: Time

  private func scheduleRetransmission() {
    guard !isRetransmissionScheduled else { return }
    isRetransmissionScheduled = true
    process.schedule(after: tuning.retransmissionDelay, self, token: Token.retransmit)
  }

  /// Sends batches again that a write quorum should have acknowledged by now.
  ///
  /// A batch that a socket has no room for stays due: the others have to wait longer each time, so that its turn comes.
  func retransmit() {
    isRetransmissionScheduled = false
    guard !isFenced, !process.has(VolumeDefect.neverSendsAgain) else { return }
    var isOutstanding = false
    for group in groups.indices {
      for index in 0..<min(64, groups[group].outstanding.count) {
        isOutstanding = true
        let batch = groups[group].outstanding[index]
        let delay = min(
          tuning.retransmissionDelay * (1 << min(batch.attempts, 10)),
          tuning.longestRetransmissionDelay)
        guard batch.sentAt + delay <= process.now else { continue }
        guard socketsHaveRoom(for: batch.bytes.count, group) else { continue }
        for (copy, member) in geometry.members[group].enumerated()
        where durability.segmentCompleteLSN(of: copy, in: group) < batch.last {
          meters.retransmissions += 1
          process.probe(VolumeProbe.batchSentAgain)
          send(batch.bytes, to: member)
        }
        groups[group].outstanding[index].sentAt = process.now
        groups[group].outstanding[index].attempts += 1
      }
    }
    if isOutstanding { scheduleRetransmission() }
  }

  /// Tells groups that nothing is sent to what has become durable. While large work waits for room in the hot logs, asks
  /// how full they are: no answer would come by itself.
  func beat() {
    guard !isFenced else { return }
    heartbeats += 1
    let isDue =
      heartbeats % tuning.idleHeartbeatRatio == 0
      || flow.tightGroupCount > 0 && !waitingForRoom.isEmpty
    let readPoint = min(minimumReadPoint, trueDurableLSN)
    for group in groups.indices where groups[group].isEmpty || !flow.queue.isEmpty {
      let told = groups[group].told
      guard isDue || told.durable < trueDurableLSN || told.readPoint < readPoint else { continue }
      let bytes = groups[group].makeHeartbeat(points(of: group))
      for member in geometry.members[group] { send(bytes, to: member) }
    }
    process.schedule(after: tuning.heartbeatInterval, self, token: Token.heartbeat)
  }
}
