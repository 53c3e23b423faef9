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

  public func emit(
    _ name: String, _ subject: String, at instant: Instant,
    _ fields: KeyValuePairs<String, TraceEvent.Value> = [:]
  ) {
    let event = TraceEvent(
      instant: instant, name: name, subject: subject, fields: fields.map { ($0.key, $0.value) })
    digest.fold(UInt64(bitPattern: instant.nanoseconds))
    digest.fold(name)
    digest.fold(subject)
    for field in event.fields {
      digest.fold(field.key)
      switch field.value {
      case .integer(let value): digest.fold(UInt64(bitPattern: value))
      case .text(let value): digest.fold(value)
      }
    }
    events.append(event)
    for observer in observers { observer(event) }
  }

  @inline(__always)
  public func fold(_ word: UInt64) { digest.fold(word) }
}
