/// The full name of a resource: what kind of thing it is, and what it is called among its kind.
///
/// The kind is part of the name because a host and the DB instance on it are usually called the same.
public struct ResourceName: Hashable, Comparable, Sendable {
  /// Each module declares the kinds of the resources that it brings in.
  public struct Kind: RawRepresentable, Hashable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
  }

  public let kind: Kind
  public let id: String

  public init(_ kind: Kind, _ id: String) { (self.kind, self.id) = (kind, id) }

  public static func < (lhs: ResourceName, rhs: ResourceName) -> Bool {
    (lhs.kind.rawValue, lhs.id) < (rhs.kind.rawValue, rhs.id)
  }
}

extension ResourceName: CustomStringConvertible {
  /// `host/w`
  public var description: String { "\(kind.rawValue)/\(id)" }
}

extension ResourceName.Kind {
  public static let host = Self(rawValue: "host")
  public static let fault = Self(rawValue: "fault")
  /// A setting that may be drawn at one of its extremes; see ``FaultPoints``.
  public static let tunable = Self(rawValue: "tunable")
}

extension ResourceName {
  public static func host(_ name: String) -> Self { Self(.host, name) }
}
