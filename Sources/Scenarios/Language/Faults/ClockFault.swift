public import Simulation

extension Scenario.Fault {
  /// Clocks go wrong.
  public struct Clock: Equatable, Codable, Sendable {
    public enum Kind: Equatable, Codable, Sendable {
      /// The wall clock is wrong by so much, until the end.
      case offset(Interval)
      /// The clock and every timer run fast or slow, until the end.
      case drift(PartsPerMillion)
      /// The wall clock jumps, and stays where it is.
      case step(Interval)
      /// A leap second is inserted: the wall clock repeats one.
      case repeatedSecond
      /// A leap second is smeared over the duration of the fault.
      case smearedSecond
    }

    public var target: Target
    public var kind: Kind

    public init(_ target: Target, _ kind: Kind) { (self.target, self.kind) = (target, kind) }
  }
}

extension Scenario.Fault.Clock: FaultFamily {
  enum Form: String, CaseIterable {
    case offset = "clock offset"
    case drift = "clock drift"
    case step = "clock step"
    case repeatedSecond = "clock leap-repeat"
    case smearedSecond = "clock leap-smear"
  }

  private static let kinds = ["offset", "drift", "step", "leap"]

  private enum Leap: String, CaseIterable {
    case repeated = "repeat"
    case smeared = "smear"
  }

  init(reading field: Field, under keyword: String, names: TargetNames) throws(ScenarioError) {
    let section = try field.section(["on"] + Self.kinds)
    target = try Field.target(
      on: section, names: names,
      expected: Target.clusterExpectation, where: \.isOfCluster)
    let (kind, value) = try section.exactlyOne(of: Self.kinds)
    switch kind {
    case "offset": self.kind = .offset(try value.signedInterval())
    case "drift": self.kind = .drift(try value.value())
    case "step": self.kind = .step(try value.signedInterval())
    default: self.kind = try value.choice(Leap.self) == .smeared ? .smearedSecond : .repeatedSecond
    }
  }

  var form: Form {
    switch kind {
    case .offset: .offset
    case .drift: .drift
    case .step: .step
    case .repeatedSecond: .repeatedSecond
    case .smearedSecond: .smearedSecond
    }
  }

  var parameters: PlanFields {
    let parameter: (key: String, value: PlanNode?) =
      switch kind {
      case .offset(let interval): ("offset", .value(interval))
      case .drift(let drift): ("drift", .value(drift))
      case .step(let interval): ("step", .value(interval))
      case .repeatedSecond: ("leap", .choice(Leap.repeated))
      case .smearedSecond: ("leap", .choice(Leap.smeared))
      }
    return [("on", .scalar(target.description)), parameter]
  }

  var targets: String { target.description }

  var description: String {
    switch kind {
    case .offset(let interval): "the clocks of \(target) are wrong by \(interval)"
    case .drift(let drift): "the clocks of \(target) run \(drift.scalar) fast"
    case .step(let interval): "the clocks of \(target) jump by \(interval)"
    case .repeatedSecond: "the clocks of \(target) repeat a leap second"
    case .smearedSecond: "the clocks of \(target) smear a leap second"
    }
  }

  var duration: FaultDuration {
    switch kind {
    case .offset, .drift, .smearedSecond: .required
    case .step, .repeatedSecond: .none
    }
  }
}

extension Field {
  /// A duration that may also be negative.
  fileprivate func signedInterval() throws(ScenarioError) -> Interval {
    let text = try text(Interval.expectation)
    let isNegative = text.hasPrefix("-")
    guard let magnitude = Interval(scalar: isNegative ? String(text.dropFirst()) : text) else {
      throw refusal(expected: Interval.expectation + " or -250ms")
    }
    return isNegative ? .zero - magnitude : magnitude
  }
}
