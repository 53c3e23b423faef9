public import Simulation

extension Scenario.Fault {
  /// A statement is sent to an instance on a connection of its own: Aurora's own fault injection, or any.
  public struct Statement: Equatable, Codable, Sendable {
    /// What the statement is to be answered with; anything else, and the fault has not acted.
    public enum Expectation: Equatable, Codable, Sendable {
      /// A command tag, such as `UPDATE 1`, or rows: columns joined by bars, one row to a line.
      case answer(String)
      /// An error with this SQLSTATE.
      case error(sqlState: String)
      /// The connection ends, or nothing comes in time.
      case noAnswer
    }

    public var target: Target
    public var text: String
    /// `nil` takes any answer, and the end of the connection, but no error and no silence.
    public var expectation: Expectation?
    /// How long it waits for the answer, and at most for a connection.
    public var timeout: Interval
    /// Whether the session stays open until the fault ends, in whatever transaction the statement has left it.
    public var holds: Bool

    /// A guess: longer than any statement of an application, and shorter than most runs.
    public static let defaultTimeout = Interval.minutes(1)

    public init(
      _ target: Target, _ text: String, expecting expectation: Expectation? = nil,
      timeout: Interval = Self.defaultTimeout, holds: Bool = false
    ) {
      (self.target, self.text, self.expectation) = (target, text, expectation)
      (self.timeout, self.holds) = (timeout, holds)
    }
  }
}

extension Scenario.Fault.Statement: FaultFamily {
  /// Aurora's functions that inject faults count as kinds of their own.
  enum Form: String, CaseIterable {
    case any = "sql"
    case crash = "sql aurora_inject_crash"
    case replicaFailure = "sql aurora_inject_replica_failure"
    case diskFailure = "sql aurora_inject_disk_failure"
    case diskCongestion = "sql aurora_inject_disk_congestion"

    /// Of the function that a fault of this kind calls.
    var function: Substring? { self == .any ? nil : rawValue.dropFirst("sql ".count) }
  }

  private enum Answer: String, CaseIterable {
    case yes, no
  }

  init(reading field: Field, under keyword: String, names: TargetNames) throws(ScenarioError) {
    let section = try field.section(["on", "text", "expect", "timeout", "hold"])
    let target = try Field.target(
      on: section, names: names, expected: "database instances", where: \.isInstance)
    self.init(target, try section.required("text").text("an SQL statement"))
    expectation = try section["expect"].map { (field) throws(ScenarioError) in
      Expectation(try field.text("a command tag, a row, an SQLSTATE or no_answer"))
    }
    if let limit: Interval = try section["timeout"]?.value(in: .nanoseconds(1)...(.minutes(60))) {
      timeout = limit
    }
    holds = try section["hold"]?.choice(Answer.self) == .yes
  }

  var form: Form {
    let text = text.lowercased()
    return Form.allCases.first { $0.function.map { text.contains($0) } == true } ?? .any
  }

  var parameters: PlanFields {
    var fields: PlanFields = [("on", .scalar(target.description)), ("text", .scalar(text))]
    if let expectation { fields.append(("expect", .scalar(expectation.description))) }
    if timeout != Self.defaultTimeout { fields.append(("timeout", .value(timeout))) }
    if holds { fields.append(("hold", .choice(Answer.yes))) }
    return fields
  }

  var targets: String { target.description }

  var description: String {
    let end =
      switch expectation {
      case nil: ""
      case .noAnswer: "; no answer is expected"
      case .answer(let text), .error(let text): "; expected is \(text)"
      }
    return "\(target) is sent: \(text)\(holds ? "; the session is held open" : "")\(end)"
  }

  var duration: FaultDuration { holds ? .required : .none }
}

extension Scenario.Fault.Statement.Expectation: CustomStringConvertible {
  /// Five digits and capitals are an SQLSTATE.
  public init(_ text: String) {
    let isState =
      text.utf8.count == 5 && text.utf8.contains { $0 < UInt8(ascii: "A") }
      && text.utf8.allSatisfy {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
          || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
      }
    self = text == "no_answer" ? .noAnswer : isState ? .error(sqlState: text) : .answer(text)
  }

  /// As a scenario writes it.
  public var description: String {
    switch self {
    case .answer(let text), .error(let text): text
    case .noAnswer: "no_answer"
    }
  }
}
