import Simulation

/// A fault of one copy, until its end.
struct ActiveSegmentFault {
  let copy: Int
  let fault: SegmentFault
  let end: Instant
}

/// Faults that the database has ordered: they stand between the network and a segment.
///
/// They are kept in memory: they survive the instance that ordered them, and end by themselves, or with this
/// run of the node's program.
extension StorageIncarnation {
  func receiveFaultOrder(_ datagram: Datagram) {
    guard let order = SegmentFaultOrder(datagram.payload), let copy = copy(of: order.group) else {
      return
    }
    let isKnown = faults.contains { $0.copy == copy && $0.fault.id == order.fault.id }
    if !isKnown {
      let fault = ActiveSegmentFault(
        copy: copy, fault: order.fault, end: process.now + order.remaining)
      faults.append(fault)
      process.schedule(at: fault.end, self, token: Token.faultEnded)
    }
    send(SegmentFaultOrder.answer(group: order.group, fault: order.fault.id), to: datagram.source)
  }

  func endFaults() { faults.removeAll { $0.end <= process.now } }

  /// Decides about a message while some segment here has a fault.
  ///
  /// - Returns: whether it is to be taken in now.
  func passesFaults(_ datagram: Datagram, _ kind: MessageKind) -> Bool {
    guard kind != .segmentFault,
      let copy = datagram.payload.withUnsafeBytes({ copy(of: Message.group(of: $0)) })
    else { return true }
    var delay = Interval.zero
    for active in faults where active.copy == copy && active.end > process.now {
      guard active.fault.requester ?? datagram.source.host == datagram.source.host else { continue }
      node.noteStruck(by: active.fault.id)
      switch active.fault.effect {
      case .blocked: return false
      case .delayed(let range): delay = delay + node.faultRandom.interval(in: range)
      }
    }
    guard delay > .zero else { return true }
    process.schedule(at: process.now + delay) { [self] in take(datagram, kind) }
    return false
  }
}
