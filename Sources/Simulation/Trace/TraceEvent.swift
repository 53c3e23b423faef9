/// Something worth telling that happened in a run.
public struct TraceEvent: Sendable, Equatable {
  public enum Value: Sendable, Equatable {
    case integer(Int64)
    case text(String)
  }

  public let instant: Instant
  /// What happened, in dotted lower case: `volume.recovered`, `control.failover_started`.
  public let name: String
  /// Who it happened to: a host, an instance, a client.
  public let subject: String
  public let fields: [(key: String, value: Value)]

  public subscript(key: String) -> Value? { fields.first { $0.key == key }?.value }

  public func integer(_ key: String) -> Int64? {
    guard case .integer(let value) = self[key] else { return nil }
    return value
  }

  public func text(_ key: String) -> String? {
    guard case .text(let value) = self[key] else { return nil }
    return value
  }

  public static func == (lhs: TraceEvent, rhs: TraceEvent) -> Bool {
    lhs.instant == rhs.instant && lhs.name == rhs.name && lhs.subject == rhs.subject
      && lhs.fields.elementsEqual(rhs.fields) { $0 == $1 }
  }
}

extension TraceEvent.Value: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(stringLiteral value: String) { self = .text(value) }
}

extension TraceEvent.Value: CustomStringConvertible {
  public var description: String {
    switch self {
    case .integer(let value): "\(value)"
    case .text(let value): value
    }
  }
}

extension TraceEvent: CustomStringConvertible {
  public var description: String {
    let details = fields.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    return "\(instant) \(name) \(subject)\(details.isEmpty ? "" : " " + details)"
  }
}
