/// A promise that is watched in every run, claimed or not: one entry of the project's numbered list.
///
/// Each is a file of its own, which says how it is judged; its name in ``all`` makes it known.
public struct Invariant: Sendable {
  /// Its place in the list, from 1; never given to another.
  public let number: Int
  /// As a scenario writes it.
  public let name: String
  /// The promise in one sentence.
  public let statement: String
  /// Where the promise is made.
  public let source: String
  /// Whether it is promised at several isolation levels, of which a claim names one.
  let hasLevels: Bool
  /// Why nothing would be checked in any run of a scenario; `nil` if something would. Such a claim is refused.
  let impossibility: @Sendable (Scenario) -> String?
  /// Judges a run by what it left behind; `nil` for what a workload promises, which its script judges.
  let judge: (@Sendable (EndState) -> Judgement)?

  init(
    _ number: Int, _ name: String, _ statement: String, source: String, hasLevels: Bool = false,
    impossibility: @escaping @Sendable (Scenario) -> String? = { _ in nil },
    judge: (@Sendable (EndState) -> Judgement)?
  ) {
    (self.number, self.name, self.statement) = (number, name, statement)
    (self.source, self.hasLevels) = (source, hasLevels)
    (self.impossibility, self.judge) = (impossibility, judge)
  }

  /// Every invariant, in the order of the numbers.
  public static let all: [Self] = [
    .noAcknowledgedCommitLost, .singleWriter, .copiesAgree, .bankTotalConstant, .isolation,
    .rolledBackLeavesNothing, .tpcbSumsAgree, .noLostUpdate, .partialRollbackExact,
    .uniqueKeysHold, .indexesAgreeWithTables, .largeTransactionsWhole, .errorsAreExplained,
    .termsAreUnique, .endpointFollowsWriter,
    .failoverIsPrompt, .definitionsAreAtomic, .structuresSound, .cachesAgree, .nothingIsLeftOver,
    .snapshotsStandStill, .answersHold, .namesAreFresh,
  ]

  /// Such as `INV-1`.
  public var label: String { "INV-\(number)" }
}

extension Invariant: Hashable {
  public static func == (lhs: Self, rhs: Self) -> Bool { lhs.name == rhs.name }
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// A saved result names its invariants.
extension Invariant: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let known = Self.all.first(where: { $0.name == name }) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "no invariant is called '\(name)'")
    }
    self = known
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}
