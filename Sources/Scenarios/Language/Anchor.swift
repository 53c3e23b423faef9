public import Simulation

/// What fixes the start of a fault in time.
public enum Anchor: Equatable, Codable, Sendable {
  /// Counted from the start of the run: `at: 6m +- 20s`.
  case at(Interval, jitter: Interval)
  /// Counted from an end of another fault: `after: az_down.start + 15s`.
  case after(FaultEdge, offset: Interval, jitter: Interval)

  /// How far the start may move either way; each run draws it from its seed, evenly.
  public var jitter: Interval {
    switch self {
    case .at(_, let jitter), .after(_, _, let jitter): jitter
    }
  }
}

/// The start or the end of a fault.
public struct FaultEdge: Equatable, Codable, Sendable {
  public enum Side: String, CaseIterable, Codable, Sendable {
    case start, end
  }

  public var fault: String
  public var side: Side

  public init(fault: String, side: Side) { (self.fault, self.side) = (fault, side) }
}

extension FaultEdge: CustomStringConvertible {
  public var description: String { "\(fault).\(side.rawValue)" }
}

extension Anchor {
  static let edgeExpectation = "a fault's id with .start or .end, such as az_down.start"

  init(reading section: Section, faults: [String]) throws(ScenarioError) {
    let (kind, field) = try section.exactlyOne(of: ["at", "after"])
    let expected =
      kind == "at"
      ? "\(Interval.expectation), perhaps with +- and another"
      : "\(Self.edgeExpectation), perhaps with + and a duration"
    let text = try field.text(expected)
    let halves = Self.halves(of: text, around: "+-")
    var jitter = Interval.zero
    if let second = halves.second {
      guard let value = Interval(scalar: second) else { throw field.refusal(expected: expected) }
      jitter = value
    }
    if kind == "at" {
      guard let at = Interval(scalar: halves.first) else { throw field.refusal(expected: expected) }
      self = .at(at, jitter: jitter)
      return
    }
    let terms = Self.halves(of: halves.first, around: "+")
    var offset = Interval.zero
    if let second = terms.second {
      guard let value = Interval(scalar: second) else { throw field.refusal(expected: expected) }
      offset = value
    }
    self = .after(
      try field.faultEdge(terms.first, among: faults), offset: offset, jitter: jitter)
  }

  private static func halves(
    of text: String, around separator: String
  ) -> (first: String, second: String?) {
    guard let found = text.firstRange(of: separator) else { return (text, nil) }
    func trimmed(_ part: Substring) -> String {
      let start = part.drop { $0 == " " }
      return String(start.reversed().drop { $0 == " " }.reversed())
    }
    return (trimmed(text[..<found.lowerBound]), trimmed(text[found.upperBound...]))
  }

  var plan: [(key: String, value: PlanNode?)] {
    let moved = jitter == .zero ? "" : " +- \(jitter)"
    switch self {
    case .at(let at, _):
      return [("at", .scalar("\(at)\(moved)"))]
    case .after(let edge, let offset, _):
      let distance = offset == .zero ? "" : " + \(offset)"
      return [("after", .scalar("\(edge)\(distance)\(moved)"))]
    }
  }
}

extension Field {
  /// `az_down.start`
  func faultEdge(_ text: String, among faults: [String]) throws(ScenarioError) -> FaultEdge {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, let side = FaultEdge.Side(rawValue: parts[1]) else {
      throw refusal(expected: Anchor.edgeExpectation)
    }
    guard faults.contains(parts[0]) else {
      throw refusal(.unknownName(parts[0], kind: "fault", known: faults))
    }
    return FaultEdge(fault: parts[0], side: side)
  }
}
