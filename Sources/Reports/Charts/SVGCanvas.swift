import Statistics

/// Collects the elements of one drawing, in pixels from the top left corner.
struct SVGCanvas {
  enum Anchor: String {
    case start, middle, end
  }

  let width: Double
  var height: Double
  /// What a reader who cannot see it is told.
  let title: String
  private var definitions = ""
  private var body = ""

  init(width: Double, height: Double, title: String) {
    self.width = width
    self.height = height
    self.title = title
  }

  /// The finished element.
  var markup: String {
    let (width, height) = (Self.number(width), Self.number(height))
    let definitions = definitions.isEmpty ? "" : "<defs>\n\(definitions)</defs>\n"
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(width) \(height)\" "
      + "width=\"\(width)\" height=\"\(height)\" role=\"img\" "
      + "aria-label=\"\(Self.escaped(title))\">\n\(definitions)\(body)</svg>"
  }

  mutating func define(_ markup: String) { definitions += markup + "\n" }

  mutating func line(
    from start: (x: Double, y: Double), to end: (x: Double, y: Double), style: String
  ) {
    let (x1, y1) = (Self.number(start.x), Self.number(start.y))
    let (x2, y2) = (Self.number(end.x), Self.number(end.y))
    body += "<line x1=\"\(x1)\" y1=\"\(y1)\" x2=\"\(x2)\" y2=\"\(y2)\" class=\"\(style)\"/>\n"
  }

  /// A rectangle.
  ///
  /// - Parameter paint: further attributes, such as `fill="#0072b2"`.
  /// - Parameter tip: what is shown when the pointer rests on it.
  mutating func rectangle(
    x: Double, y: Double, width: Double, height: Double, style: String = "", paint: String = "",
    tip: String = ""
  ) {
    let (px, py) = (Self.number(x), Self.number(y))
    let (w, h) = (Self.number(max(0, width)), Self.number(max(0, height)))
    let attributes = Self.attributes(style: style, paint: paint)
    let element = "<rect x=\"\(px)\" y=\"\(py)\" width=\"\(w)\" height=\"\(h)\"\(attributes)"
    body +=
      tip.isEmpty
      ? element + "/>\n" : "\(element)><title>\(Self.escaped(tip))</title></rect>\n"
  }

  mutating func path(_ data: String, style: String = "", paint: String = "") {
    body += "<path d=\"\(data)\"\(Self.attributes(style: style, paint: paint))/>\n"
  }

  mutating func text(
    _ text: String, x: Double, y: Double, anchor: Anchor = .start, style: String,
    paint: String = ""
  ) {
    let attributes = Self.attributes(style: style, paint: paint)
    let place = "x=\"\(Self.number(x))\" y=\"\(Self.number(y))\""
    let anchor = anchor == .start ? "" : " text-anchor=\"\(anchor.rawValue)\""
    body += "<text \(place)\(anchor)\(attributes)>\(Self.escaped(text))</text>\n"
  }

  /// A line of text in several styles, one after the other.
  mutating func text(
    _ runs: [(text: String, style: String)], x: Double, y: Double, anchor: Anchor = .start
  ) {
    let place = "x=\"\(Self.number(x))\" y=\"\(Self.number(y))\""
    let anchor = anchor == .start ? "" : " text-anchor=\"\(anchor.rawValue)\""
    let spans = runs.enumerated().map { index, run in
      let gap = index == 0 ? "" : " dx=\"7\""
      return "<tspan\(gap) class=\"\(run.style)\">\(Self.escaped(run.text))</tspan>"
    }
    body += "<text \(place)\(anchor)>\(spans.joined())</text>\n"
  }

  /// Elements that belong together, with attributes for all of them.
  mutating func group(_ attributes: String, _ content: (inout SVGCanvas) -> Void) {
    body += "<g \(attributes)>\n"
    content(&self)
    body += "</g>\n"
  }

  private static func attributes(style: String, paint: String) -> String {
    (style.isEmpty ? "" : " class=\"\(style)\"") + (paint.isEmpty ? "" : " \(paint)")
  }

  /// A coordinate with at most one decimal.
  static func number(_ value: Double) -> String {
    let text = FixedPoint.string(value, decimals: 1)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// Text for use in an element or in an attribute between double quotes.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for character in text {
      switch character {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      default: escaped.append(character)
      }
    }
    return escaped
  }
}
