public import Simulation

extension VolumeClient {
  /// Opens a volume for writing: recovers it under a new epoch, and fences who wrote before.
  ///
  /// Waits, trying again and again, while a quorum of some group cannot be reached.
  ///
  /// - Parameters:
  ///   - opener: a mark that no other opener has, so that two of the same instant cannot take the
  ///     same epoch.
  /// - Throws: ``VolumeError/fenced(by:)`` if another opener was faster;
  ///   ``VolumeError/processEnded`` if the process ends.
  public static func open(
    process: Process, geometry: VolumeGeometry, opener: UInt32,
    tuning: VolumeTuning = VolumeTuning()
  ) async throws(VolumeError) -> VolumeClient {
    let simulation = process.simulation
    let tuning = tuning.drawn(in: simulation)
    let host = process.host.name
    simulation.emit(VolumeRecoveryStarted(host: host))
    let inbox = RecoveryInbox()
    let port = process.ephemeralPort()
    process.bind(port, to: inbox)
    var recovery = VolumeRecovery(
      quorum: geometry.quorum, groupCount: geometry.groupCount,
      opener: opener,
      allocationLimit: tuning.allocationLimit)
    var isTold = false
    do {
      while recovery.phase != .done {
        try await Self.attempt(&recovery, inbox, port, process, geometry, tuning) { recovery in
          guard !isTold, recovery.isInForce else { return }
          isTold = true
          simulation.emit(VolumeEpochTaken(host: host, epoch: recovery.epoch))
        }
      }
    } catch {
      process.unbind(port)
      throw error
    }
    process.unbind(port)
    let client = VolumeClient(
      process: process, geometry: geometry, tuning: tuning, port: port,
      recovery: recovery)
    process.bind(port, to: client)
    simulation.emit(
      VolumeRecovered(
        host: host, epoch: recovery.epoch, volumeDurableLSN: recovery.outcome.volumeDurableLSN,
        truncatedRecords: Int(recovery.outcome.truncatedRecords)))
    return client
  }

  /// Sends what the present phase asks for, and takes in answers until it ends or it is time to send
  /// again.
  ///
  /// - Parameter progressed: called after each answer.
  private static func attempt(
    _ recovery: inout VolumeRecovery, _ inbox: RecoveryInbox, _ port: UInt16, _ process: Process,
    _ geometry: VolumeGeometry, _ tuning: VolumeTuning, progressed: (VolumeRecovery) -> Void
  ) async throws(VolumeError) {
    for request in recovery.requests() {
      process.send(request.bytes, from: port, to: geometry.members[request.group][request.copy])
    }
    let deadline = process.now + tuning.recoveryRetryDelay
    while process.now < deadline {
      for datagram in inbox.takeAll() {
        let group = datagram.payload.withUnsafeBytes {
          $0.count >= Message.headerSize ? Message.group(of: $0) : .max
        }
        guard group < geometry.groupCount,
          let copy = geometry.members[group].firstIndex(of: datagram.source)
        else { continue }
        let isNext = try recovery.receive(datagram.payload, from: copy)
        progressed(recovery)
        if isNext { return }
      }
      do {
        try await inbox.wait(in: process, until: deadline)
      } catch { throw .processEnded }
    }
  }
}

/// Answers that recovery has not looked at yet.
private final class RecoveryInbox: DatagramHandler {
  private var datagrams: [Datagram] = []
  private var reader: (process: Process, token: WaitToken)?

  func receive(_ datagram: Datagram) {
    datagrams.append(datagram)
    if let waiting = reader {
      reader = nil
      waiting.process.wake(waiting.token)
    }
  }

  func takeAll() -> [Datagram] {
    defer { datagrams = [] }
    return datagrams
  }

  /// Waits for a datagram, but not longer than until `deadline`.
  func wait(in process: Process, until deadline: Instant) async throws(ProcessEnded) {
    guard datagrams.isEmpty else { return }
    let timer = try await process.suspend(until: deadline) { reader = (process, $0) }
    process.simulation.loop.cancel(timer)
    reader = nil
  }
}
