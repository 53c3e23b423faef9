/// The documented status of one instance, and the events on its way, from what heartbeats say.
struct InstanceLifecycle: Sendable {
  private(set) var status: InstanceStatus
  /// Whether there was no heartbeat yet.
  private var isUnheard = true
  /// Incarnation of the engine that was last seen open.
  private var incarnation: UInt32 = 0
  private var starts: UInt32 = 0

  /// - Parameter isNew: whether the instance is being created; else nobody knows what it went through
  ///   while the control plane was away, and nothing is told of that.
  init(isNew: Bool) { status = isNew ? .creating : .rebooting }

  /// - Returns: what is to be announced, in order.
  mutating func receive(_ heartbeat: Heartbeat) -> [ClusterEvent] {
    let isOpen = heartbeat.engine.state == .available
    let isSameEngine =
      heartbeat.incarnation == incarnation && heartbeat.engineStarts == starts
    let isFirst = isUnheard
    isUnheard = false
    switch status {
    case .creating:
      guard isOpen else { return [] }
      open(heartbeat)
      return [.instanceCreated]
    case .available:
      // An agent that was restarted finds its engine where it was, and has never started one.
      if isOpen, isSameEngine || heartbeat.engineStarts == 0 { return [] }
      if isOpen {
        open(heartbeat)
        return [.instanceShutDown, .instanceRestarted]
      }
      status = .rebooting
      return [.instanceShutDown]
    case .rebooting:
      guard isOpen else { return [] }
      open(heartbeat)
      return isFirst ? [] : [.instanceRestarted]
    }
  }

  /// Nothing is heard of it any more.
  mutating func lose() {
    if status == .available { status = .rebooting }
  }

  private mutating func open(_ heartbeat: Heartbeat) {
    (incarnation, starts) = (heartbeat.incarnation, heartbeat.engineStarts)
    status = .available
  }
}
