public import Simulation

/// What an engine is to be.
public enum EngineRole: Hashable, Sendable {
  case writer
  /// - Parameter writer: where the log stream comes from; `nil` while nobody knows.
  case reader(writer: Address?)

  public enum Kind: UInt8, Sendable {
    case writer = 1
    case reader = 2

    /// As the trace and reports call it.
    public var name: String { self == .writer ? "writer" : "reader" }
  }

  public var kind: Kind {
    switch self {
    case .writer: .writer
    case .reader: .reader
    }
  }
}
