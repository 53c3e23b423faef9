/// Something worth telling that happened in a run.
public struct TraceEvent: Sendable {
  public let instant: Instant
  public let payload: any TracePayload

  public init(instant: Instant, payload: any TracePayload) {
    (self.instant, self.payload) = (instant, payload)
  }

  public var name: String { type(of: payload).name }
  public var subject: ResourceName { payload.subject }

  /// Name, subject and fields, without the instant: `engine.state w role=writer state=available`.
  public var details: String {
    var fields = TraceFields(writingAfter: "\(name) \(subject.id)")
    payload.encode(into: &fields)
    return fields.text
  }
}

extension TraceEvent: Equatable {
  public static func == (lhs: TraceEvent, rhs: TraceEvent) -> Bool {
    lhs.instant == rhs.instant && lhs.payload.isEqual(to: rhs.payload)
  }
}

extension TraceEvent: CustomStringConvertible {
  public var description: String { "\(instant) \(details)" }
}

extension Sequence<TraceEvent> {
  /// The events of one kind, in their order.
  public func all<Payload: TracePayload>(
    _ kind: Payload.Type
  ) -> [(instant: Instant, payload: Payload)] {
    compactMap { event in (event.payload as? Payload).map { (event.instant, $0) } }
  }
}
