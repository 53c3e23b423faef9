import Simulation
import Statistics

/// Writes events in the Trace Event Format, in the order in which they are given.
struct ChromeTraceWriter {
  /// A thread of a process, as the format numbers them.
  struct Row {
    let process: Int
    let number: Int
  }

  enum Value {
    case text(String)
    case number(Int)
  }

  enum FlowEnd {
    case start, end
  }

  private var text = ""
  private var isEmpty = true
  private var threadCount = 0
  private let origin: Instant

  /// - Parameter origin: what becomes zero.
  init(origin: Instant) { self.origin = origin }

  // MARK: Names

  mutating func name(process: Int, _ name: String) {
    add(
      "\"ph\":\"M\",\"pid\":\(process),\"name\":\"process_name\",\"args\":{\"name\":\(Self.quoted(name))}"
    )
    add(
      "\"ph\":\"M\",\"pid\":\(process),\"name\":\"process_sort_index\",\"args\":{\"sort_index\":\(process)}"
    )
  }

  mutating func addRow(to process: Int, _ name: String) -> Row {
    threadCount += 1
    let thread = Row(process: process, number: threadCount)
    add(
      "\"ph\":\"M\",\(Self.place(thread)),\"name\":\"thread_name\",\"args\":{\"name\":\(Self.quoted(name))}"
    )
    add(
      "\"ph\":\"M\",\(Self.place(thread)),\"name\":\"thread_sort_index\",\"args\":{\"sort_index\":\(threadCount)}"
    )
    return thread
  }

  // MARK: Events

  mutating func slice(
    _ thread: Row, _ name: String, category: String, from start: Instant, to end: Instant,
    _ details: KeyValuePairs<String, Value> = [:]
  ) {
    add(
      "\"ph\":\"X\",\(Self.place(thread)),\"ts\":\(time(start)),\"dur\":\(Self.microseconds(end - start)),"
        + "\"cat\":\"\(category)\",\"name\":\(Self.quoted(name))\(Self.arguments(details))")
  }

  mutating func mark(
    _ thread: Row, _ name: String, at instant: Instant,
    _ details: KeyValuePairs<String, Value> = [:]
  ) {
    add(
      "\"ph\":\"i\",\"s\":\"t\",\(Self.place(thread)),\"ts\":\(time(instant)),"
        + "\"name\":\(Self.quoted(name))\(Self.arguments(details))")
  }

  /// Belongs to the slice that was written last.
  mutating func flow(_ thread: Row, _ number: Int, at instant: Instant, _ end: FlowEnd) {
    let phase = end == .start ? "\"ph\":\"s\"" : "\"ph\":\"f\",\"bp\":\"e\""
    add(
      "\(phase),\(Self.place(thread)),\"ts\":\(time(instant)),\"id\":\(number),\"cat\":\"message\","
        + "\"name\":\"message\"")
  }

  mutating func counter(_ process: Int, _ name: String, at instant: Instant, _ value: Double) {
    add(
      "\"ph\":\"C\",\"pid\":\(process),\"ts\":\(time(instant)),\"name\":\(Self.quoted(name)),"
        + "\"args\":{\"value\":\(FixedPoint.string(value, decimals: 3))}")
  }

  /// The whole document.
  ///
  /// - Parameter about: what is said of it as a whole.
  func document(about: [(String, String)]) -> String {
    let details = about.map { "\(Self.quoted($0)):\(Self.quoted($1))" }.joined(separator: ",")
    return "{\"displayTimeUnit\":\"ms\",\"otherData\":{\(details)},\"traceEvents\":[\n\(text)\n]}\n"
  }

  // MARK: Text

  private mutating func add(_ event: String) {
    if !isEmpty { text += ",\n" }
    isEmpty = false
    text += "{"
    text += event
    text += "}"
  }

  private static func place(_ thread: Row) -> String {
    "\"pid\":\(thread.process),\"tid\":\(thread.number)"
  }

  private func time(_ instant: Instant) -> String { Self.microseconds(instant - origin) }

  private static func microseconds(_ interval: Interval) -> String {
    let fraction = String(1000 + interval.nanoseconds.magnitude % 1000).dropFirst()
    return
      "\(interval.nanoseconds < 0 ? "-" : "")\(interval.nanoseconds.magnitude / 1000).\(fraction)"
  }

  private static func arguments(_ details: KeyValuePairs<String, Value>) -> String {
    if details.isEmpty { return "" }
    let members = details.map { key, value in
      switch value {
      case .text(let text): "\(quoted(key)):\(quoted(text))"
      case .number(let number): "\(quoted(key)):\(number)"
      }
    }
    return ",\"args\":{\(members.joined(separator: ","))}"
  }

  /// A string as JSON writes it. Source: RFC 8259, §7.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
