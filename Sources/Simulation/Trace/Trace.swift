/// The one stream of structured events of a run, and the digest over everything that happened.
///
/// Rare, telling events are kept and can be watched as they happen; reports and checkers read them.
/// Frequent ones (each timer, packet, disk operation) only move the digest.
public final class Trace {
  public private(set) var events: [TraceEvent] = []
  public private(set) var digest = Digest()
  private var observers: [(TraceEvent) -> Void] = []

  public init() {}

  /// Calls `observer` with every event from now on, in order, at the instant of the event.
  public func observe(_ observer: @escaping (TraceEvent) -> Void) { observers.append(observer) }

  func forgetObservers() { observers.removeAll() }

  public func emit<Payload: TracePayload>(_ payload: Payload, at instant: Instant) {
    digest.fold(UInt64(bitPattern: instant.nanoseconds))
    digest.fold(Payload.name)
    let subject = payload.subject
    digest.fold(subject.kind.rawValue)
    digest.fold(subject.id)
    var fields = TraceFields(foldingInto: digest)
    payload.encode(into: &fields)
    digest = fields.digest
    let event = TraceEvent(instant: instant, payload: payload)
    events.append(event)
    for observer in observers { observer(event) }
  }

  @inline(__always)
  public func fold(_ word: UInt64) { digest.fold(word) }
}
