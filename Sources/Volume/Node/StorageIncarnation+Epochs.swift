import Simulation

/// Fencing: who may write, and what is annulled. Both are on disk before anybody is told.
extension StorageIncarnation {
  func receiveClaim(_ datagram: Datagram, kind: MessageKind) {
    let message = datagram.payload.withUnsafeBytes { bytes in
      Message.isIntact(bytes)
        ? (group: Message.group(of: bytes), epoch: Message.epoch(of: bytes)) : nil
    }
    guard let message, let copy = copy(of: message.group) else { return }
    if kind == .query {
      guard segments[copy].remembers else { return }
      let answer = RecoveryMessages.answer(
        .queryAnswer, group: message.group, epoch: message.epoch,
        promised: segments[copy].promised, isRefusal: false)
      send(answer, to: datagram.source)
      return
    }
    let isNew = message.epoch > segments[copy].promised
    guard segments[copy].promise(message.epoch) else {
      return refuse(.claimAnswer, copy, message.epoch, datagram.source)
    }
    if isNew { writeSuperblock() }
    afterFlush(.answerClaim(copy: copy, epoch: message.epoch, to: datagram.source))
  }

  func answerClaim(_ copy: Int, _ epoch: VolumeEpoch, _ address: Address) {
    guard segments[copy].promised == epoch else {
      return refuse(.claimAnswer, copy, epoch, address)
    }
    var state = segments[copy].state()
    state.generation = generation
    let answer = RecoveryMessages.answer(
      .claimAnswer, group: segments[copy].group, epoch: epoch, promised: epoch, isRefusal: false
    ) { state.append(to: &$0) }
    send(answer, to: address)
  }

  func receiveInstall(_ datagram: Datagram) {
    let message = datagram.payload.withUnsafeBytes {
      bytes -> (Int, LSN, UInt64, TruncationHistory)? in
      guard Message.isIntact(bytes) else { return nil }
      var reader = ByteReader(bytes, at: Message.headerSize)
      do {
        let tail = try reader.readLSN()
        let generation = try reader.readUInt64()
        let ranges = try RecoveryMessages.readRanges(&reader)
        let history = TruncationHistory(epoch: Message.epoch(of: bytes), ranges: ranges)
        return (Message.group(of: bytes), tail, generation, history)
      } catch {
        return nil
      }
    }
    guard let (group, tail, told, history) = message, let copy = copy(of: group) else { return }
    guard adopt(history, copy) else {
      return refuse(.installAnswer, copy, history.epoch, datagram.source)
    }
    if told == generation { segments[copy].aim(at: tail) }
    afterFlush(.answerInstall(copy: copy, epoch: history.epoch, to: datagram.source))
    if segments[copy].completeLSN < tail {
      peers[copy].noteOverdue(tail)
      pull(for: copy)
    }
  }

  func answerInstall(_ copy: Int, _ epoch: VolumeEpoch, _ address: Address) {
    guard segments[copy].promised == epoch else {
      return refuse(.installAnswer, copy, epoch, address)
    }
    let answer = RecoveryMessages.answer(
      .installAnswer, group: segments[copy].group, epoch: epoch, promised: epoch, isRefusal: false
    ) { $0.append(segments[copy].durableLSN) }
    send(answer, to: address)
  }

  /// Goes by `history` from now on, in memory at once and on disk with the next flush.
  func adopt(_ history: TruncationHistory, _ copy: Int) -> Bool {
    let isNew = history.epoch > segments[copy].history.epoch
    let held = segments[copy].highestHeld
    guard segments[copy].adopt(history) else { return false }
    if segments[copy].highestHeld < held { process.probe(VolumeProbe.recordsTruncated) }
    if isNew {
      limitFlush(of: copy)
      peers[copy].forgetWhatWasHeard()
      writeSuperblock()
    }
    return true
  }

  private func refuse(
    _ kind: MessageKind, _ copy: Int, _ epoch: VolumeEpoch, _ address: Address
  ) {
    let answer = RecoveryMessages.answer(
      kind, group: segments[copy].group, epoch: epoch, promised: segments[copy].promised,
      isRefusal: true)
    send(answer, to: address)
  }
}
