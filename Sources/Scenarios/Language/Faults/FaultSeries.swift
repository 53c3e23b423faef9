internal import Simulation

/// A fault that is written once and strikes several times: again and again, or ever harder.
///
/// ```
///   { id: f, at: 60s, for: 2s, every: 10s, times: 3, crash: … }             f-1 at 60s, f-2 at 70s, f-3 at 80s
///   { id: f, at: 60s, for: 30s, ramp: { slow: 2x..6x, steps: 3 }, cpu: … }  2x for 10s, 4x for 10s, 6x for 10s
/// ```
///
/// It unfolds into ordinary faults before any of them is read, so that no family of faults knows of it, and
/// the resolved plan says what will happen. `f.start` is when the first of them begins, and `f.end` when the
/// last has ended.
struct FaultSeries {
  static let keys = ["every", "times", "until", "ramp"]

  /// The ordinary faults, as if they stood in the file.
  let members: [Field]
  /// What the file calls it; `nil` for an ordinary fault, and for one without an id, which its reader refuses.
  private let id: String?

  init(reading field: Field) throws(ScenarioError) {
    guard case .mapping(let entries) = field.node.content,
      entries.contains(where: { Self.keys.contains($0.key) }),
      case .text(let name)? = field.child("id")?.node.content
    else {
      (members, id) = ([field], nil)
      return
    }
    let rhythm = try Rhythm(reading: field)
    let ramp = try field.child("ramp").map { (ramp) throws(ScenarioError) in
      try Ramp(reading: ramp, of: field, steps: rhythm.count)
    }
    id = name
    var members: [Field] = []
    for place in 0..<rhythm.count {
      var member = field.without(Self.keys)
      member = member.setting("id", to: "\(name)-\(place + 1)")
      if let duration = rhythm.duration { member = member.setting("for", to: duration.scalar) }
      if place > 0 {
        let distance = Interval.nanoseconds(rhythm.period.nanoseconds * Int64(place))
        member = member.without(["at", "after"])
          .setting("after", to: "\(name)-1.start + \(distance.scalar)")
      }
      if let ramp {
        member = member.setting(
          ramp.parameter, to: ramp.value(place, of: rhythm.count), under: ramp.keyword)
      }
      members.append(member)
    }
    self.members = members
  }

  /// Of the fault that begins or ends when the series does.
  func resolved(_ edge: FaultEdge) -> FaultEdge {
    guard let id, edge.fault == id else { return edge }
    return FaultEdge(fault: "\(id)-\(edge.side == .start ? 1 : members.count)", side: edge.side)
  }
}

/// When the members of a series begin.
private struct Rhythm {
  let count: Int
  /// From the start of one to the start of the next.
  let period: Interval
  /// How long each lasts; `nil` leaves what the file says.
  let duration: Interval?

  private static let most = 1_000

  init(reading field: Field) throws(ScenarioError) {
    func child(_ key: String) -> Field? { field.child(key) }
    guard let every = child("every") else {
      for key in ["times", "until"] {
        if let stray = child(key) {
          throw stray.refusal(.contradiction("it belongs to 'every'"))
        }
      }
      // A ramp alone goes up in steps of one length.
      let ramp = child("ramp") ?? field
      guard let steps = ramp.child("steps") else {
        throw ramp.refusal(expected: "the number of 'steps', or 'every' beside it")
      }
      guard let whole = child("for") else {
        throw ramp.refusal(.contradiction("its steps divide the fault's 'for', which is missing"))
      }
      count = try steps.value(in: 2...Self.most)
      let length: Interval = try whole.value(
        in: .nanoseconds(Int64(count))...(.longestInScenario))
      period = .nanoseconds(length.nanoseconds / Int64(count))
      duration = period
      return
    }
    if let steps = child("ramp")?.child("steps") {
      throw steps.refusal(.contradiction("with 'every' there is a step each time"))
    }
    period = try every.value(in: .milliseconds(1)...(.longestInScenario))
    duration = nil
    switch (child("times"), child("until")) {
    case (let times?, nil): count = try times.value(in: 2...Self.most)
    case (nil, let until?):
      let end: Interval = try until.value()
      guard case .text(let text)? = child("at")?.node.content,
        let start = Interval(scalar: String(text.prefix { $0 != "+" }.filter { $0 != " " }))
      else {
        throw until.refusal(
          .contradiction("it needs a fault with 'at'; say with 'times' how often instead"))
      }
      let span = (end - start).nanoseconds
      let starts = span <= 0 ? 0 : (span - 1) / period.nanoseconds + 1
      guard (2...Int64(Self.most)).contains(starts) else {
        throw until.refusal(
          .contradiction("the fault would begin \(starts) times; 2 to \(Self.most) are possible"))
      }
      count = Int(starts)
    default:
      throw every.refusal(expected: "'times' or 'until' beside it")
    }
    let span = period.nanoseconds.multipliedReportingOverflow(by: Int64(count - 1))
    if span.overflow || span.partialValue > Interval.longestInScenario.nanoseconds {
      throw every.refusal(
        .contradiction(
          "the last of \(count) would begin more than \(Interval.longestInScenario) after the first"))
    }
  }
}

/// A parameter that changes from one member of a series to the next.
private struct Ramp {
  /// The fault's keyword, under which the parameter stands.
  let keyword: String
  let parameter: String
  /// In millionths.
  private let first: Int64
  private let last: Int64
  private let unit: String

  private static let millionths: Int64 = 1_000_000

  init(reading field: Field, of fault: Field, steps: Int) throws(ScenarioError) {
    guard case .mapping(let entries) = field.node.content else {
      throw field.refusal(expected: "a parameter and its range, such as { slow: 2x..6x, steps: 3 }")
    }
    let parameters = entries.map(\.key).filter { $0 != "steps" }
    guard parameters.count == 1, let range = field.child(parameters[0]) else {
      throw field.refusal(expected: "one parameter and its range")
    }
    parameter = parameters[0]
    let expected = "a range of two numbers with one unit, such as 2x..6x"
    let text = try range.text(expected)
    guard let (low, high) = DecimalText.bounds(text), let first = Self.number(low),
      let last = Self.number(high), first.unit == last.unit
    else { throw range.refusal(expected: expected) }
    (self.first, self.last, unit) = (first.count, last.count, first.unit)
    guard
      let keyword = Scenario.Fault.Action.keywords.first(where: { fault.child($0) != nil }),
      let action = fault.child(keyword), case .mapping = action.node.content
    else { throw field.refusal(expected: "a fault with parameters beside it") }
    if let fixed = action.child(parameter) {
      throw fixed.refusal(.contradiction("it stands under 'ramp', too"))
    }
    self.keyword = keyword
  }

  private static func number(_ text: Substring) -> (count: Int64, unit: String)? {
    let isNegative = text.first == "-"
    let size = isNegative ? text.dropFirst() : text
    let digits = size.prefix { $0.isNumber || $0 == "." }
    guard let count = DecimalText.count(digits, scale: millionths) else { return nil }
    return (isNegative ? -count : count, String(size.dropFirst(digits.count)))
  }

  /// Evenly between the two; whole numbers if both are.
  func value(_ place: Int, of count: Int) -> String {
    let isWhole = first % Self.millionths == 0 && last % Self.millionths == 0
    let grain = isWhole ? Self.millionths : Self.millionths / 1_000
    // Between the two, though their difference and its multiples may be larger than an integer of 64 bits.
    let exact = Int64(
      Int128(first) + (Int128(last) - Int128(first)) * Int128(place) / Int128(count - 1))
    let isEnd = place == 0 || place == count - 1
    let size = exact.magnitude
    let rounded = isEnd ? size : (size + UInt64(grain) / 2) / UInt64(grain) * UInt64(grain)
    return (exact < 0 ? "-" : "")
      + DecimalText.text(Int64(clamping: rounded), scale: Self.millionths) + unit
  }
}

extension Field {
  /// Without some of its keys.
  fileprivate func without(_ keys: [String]) -> Field {
    guard case .mapping(let entries) = node.content else { return self }
    let rest = entries.filter { !keys.contains($0.key) }
    return Field(
      node: YAMLNode(content: .mapping(rest), position: node.position), place: place)
  }

  /// With another text under a key, where the old one stood if there is one.
  fileprivate func setting(_ key: String, to text: String) -> Field {
    guard case .mapping(var entries) = node.content else { return self }
    let position = child(key)?.node.position ?? node.position
    let entry = YAMLNode.Entry(
      key: key, keyPosition: position,
      value: YAMLNode(content: .text(text), position: position))
    if let index = entries.firstIndex(where: { $0.key == key }) {
      entries[index] = entry
    } else {
      entries.append(entry)
    }
    return Field(
      node: YAMLNode(content: .mapping(entries), position: node.position), place: place)
  }

  /// With another text under a key of the mapping that stands under `outer`.
  fileprivate func setting(_ key: String, to text: String, under outer: String) -> Field {
    guard case .mapping(let entries) = node.content, let inner = child(outer) else { return self }
    let changed = entries.map { entry in
      entry.key == outer
        ? YAMLNode.Entry(
          key: outer, keyPosition: entry.keyPosition,
          value: inner.setting(key, to: text).node)
        : entry
    }
    return Field(
      node: YAMLNode(content: .mapping(changed), position: node.position), place: place)
  }
}
