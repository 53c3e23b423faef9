/// A text in the form of a call: `lognormal(0.8ms, p99=2.5ms)`.
///
/// A comma ends a value inside YAML's `{ }` and `[ ]`, so blanks separate arguments just as well:
/// `lognormal(0.8ms p99=2.5ms)` needs no quotes anywhere.
struct CallText {
  let name: String
  /// The arguments in order; `label` is what stands before an equals sign.
  let arguments: [(label: String?, value: String)]

  init?(_ text: String) {
    guard let open = text.firstIndex(of: "("), text.hasSuffix(")") else { return nil }
    name = String(text[..<open])
    let inner = text[text.index(after: open)...].dropLast()
    arguments = inner.split { $0 == "," || $0 == " " }.map { argument in
      guard let equals = argument.firstIndex(of: "=") else { return (nil, String(argument)) }
      return (String(argument[..<equals]), String(argument[argument.index(after: equals)...]))
    }
  }

  /// The values, if the labels are exactly these.
  func values<Value: ScalarValue>(
    labelled labels: [String?], as type: Value.Type = Value.self
  ) -> [Value]? {
    guard arguments.map(\.label) == labels else { return nil }
    let values = arguments.compactMap { Value(scalar: $0.value) }
    return values.count == labels.count ? values : nil
  }
}
