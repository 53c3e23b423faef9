public import Simulation

/// Orders storage nodes to let segments fail, and asks again until each has answered.
///
/// Of one process of the engine: what has not been ordered when that ends stays undone, and what has been
/// goes on without it.
public final class SegmentFaultInjector {
  private struct Pending {
    let segment: SegmentID
    let fault: SegmentFault
    let end: Instant
  }

  private let process: Process
  private let geometry: VolumeGeometry
  private let port: UInt16
  private var pending: [Pending] = []
  private var isWaiting = false

  /// Between two orders that no answer has come to; as recovery does.
  private static let retryDelay = Interval.milliseconds(10)

  public init(process: Process, geometry: VolumeGeometry) {
    (self.process, self.geometry) = (process, geometry)
    port = process.ephemeralPort()
    process.bind(port, to: self)
  }

  /// Lets segments fail for so long from now on.
  public func inject(_ fault: SegmentFault, into segments: [SegmentID], for interval: Interval) {
    let end = process.now + interval
    for segment in segments {
      let order = Pending(segment: segment, fault: fault, end: end)
      pending.append(order)
      send(order)
    }
    waitForAnswers()
  }

  private func send(_ order: Pending) {
    let message = SegmentFaultOrder(
      group: order.segment.group, fault: order.fault, remaining: order.end - process.now)
    process.send(message.encoded(), from: port, to: geometry.node(of: order.segment))
  }

  private func waitForAnswers() {
    guard !isWaiting, !pending.isEmpty else { return }
    isWaiting = true
    process.schedule(after: Self.retryDelay, self)
  }
}

extension SegmentFaultInjector: EventTarget {
  public func fire(_ token: UInt64) {
    isWaiting = false
    pending.removeAll { $0.end <= process.now }
    for order in pending { send(order) }
    waitForAnswers()
  }
}

extension SegmentFaultInjector: DatagramHandler {
  public func receive(_ datagram: Datagram) {
    guard Message.kind(of: datagram.payload) == .segmentFaultAnswer,
      let answer = SegmentFaultOrder.readAnswer(datagram.payload)
    else { return }
    pending.removeAll { order in
      order.fault.id == answer.fault && order.segment.group == answer.group
        && geometry.node(of: order.segment) == datagram.source
    }
  }
}
