public import Simulation

/// Something worth a line in the report's list of events.
public struct RunEvent: Codable, Equatable, Sendable {
  /// Who the event is about.
  public enum Category: String, CaseIterable, Codable, Sendable {
    case fault
    case health
    case failover
    case instance
    case endpoint
    case capacity
    case volume
    case client
    case claim
  }

  public var instant: Instant
  public var category: Category
  /// One sentence, without the instant.
  public var text: String

  public init(instant: Instant, category: Category, text: String) {
    self.instant = instant
    self.category = category
    self.text = text
  }
}
