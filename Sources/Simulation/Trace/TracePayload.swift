/// What a trace event says: a struct for each kind of thing that may happen, declared in the module in
/// which it happens.
///
/// ```
///   simulation.emit(HostWentDown(host: name))                          who tells
///   if let down = event.payload as? HostWentDown { … down.host … }     who reads
/// ```
public protocol TracePayload: Equatable, Sendable {
  /// What happened, in dotted lower case: `volume.recovered`, `control.failover_started`.
  static var name: String { get }
  /// What it happened to.
  var subject: ResourceName { get }
  /// Hands over every field that ``subject`` does not say already, always in the same order.
  func encode(into fields: inout TraceFields)
}

extension TracePayload {
  /// For events that say nothing more than what happened to whom.
  public func encode(into fields: inout TraceFields) {}

  func isEqual(to other: any TracePayload) -> Bool {
    guard let other = other as? Self else { return false }
    return self == other
  }
}
