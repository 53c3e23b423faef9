/// The colours of the pages by name, for a light and for a dark screen.
///
/// Nothing else on a page names a colour, so that contrast can be computed from this table: text has at least
/// 4.5:1 on whatever it may stand on, in both themes. Orange and red are kept for faults and outages. The dark
/// theme follows the reader's setting; paper is always light.
///
/// Source: Web Content Accessibility Guidelines 2.2, 1.4.3; Okabe and Ito, "Color Universal Design", 2008,
/// darkened or lightened where text or a thin line needs it.
enum Theme {
  struct Color {
    let name: String
    let light: String
    let dark: String
  }

  static let colors = [
    // Grounds.
    Color(name: "paper", light: "#ffffff", dark: "#14171b"),
    Color(name: "faint", light: "#f4f6f8", dark: "#1f242a"),
    // Text and lines.
    Color(name: "ink", light: "#16191d", dark: "#e8eaed"),
    Color(name: "muted", light: "#5a636e", dark: "#a3adb8"),
    Color(name: "line", light: "#d9dde2", dark: "#343b43"),
    Color(name: "pass", light: "#00694f", dark: "#4cc9a4"),
    Color(name: "fail", light: "#b3261e", dark: "#ff8a80"),
    Color(name: "unknown", light: "#7a5600", dark: "#e0b04a"),
    Color(name: "nondeterministic", light: "#6a3d8f", dark: "#c7a2ea"),
    // Text on one of the four above.
    Color(name: "on-verdict", light: "#ffffff", dark: "#14171b"),
    Color(name: "fault", light: "#d55e00", dark: "#f0883e"),
    Color(name: "fault-text", light: "#9c4500", dark: "#f5a66b"),
    Color(name: "outage", light: "#b3261e", dark: "#ff8a80"),
    Color(name: "phase", light: "#0b5c94", dark: "#4ea3dd"),
    Color(name: "void", light: "#8c949e", dark: "#6f7984"),
    // Roles of instances, and the text on them.
    Color(name: "writer", light: "#0b5c94", dark: "#4ea3dd"),
    Color(name: "on-writer", light: "#ffffff", dark: "#0c1116"),
    Color(name: "reader", light: "#a9d3ee", dark: "#24465f"),
    Color(name: "starting", light: "#fbe3b5", dark: "#5a4417"),
    Color(name: "starting-stripe", light: "#eebb5c", dark: "#6b5220"),
    Color(name: "down", light: "#c3c9d1", dark: "#474f59"),
    Color(name: "on-role", light: "#20262c", dark: "#ffffff"),
    // Curves, and their names beside them.
    Color(name: "w0", light: "#0068a3", dark: "#5ab0e8"),
    Color(name: "w1", light: "#007a59", dark: "#3fc49a"),
    Color(name: "w2", light: "#a84a80", dark: "#e292c2"),
    Color(name: "w3", light: "#5f6873", dark: "#a7b0ba"),
    Color(name: "i0", light: "#4a525c", dark: "#c2cad3"),
    Color(name: "i1", light: "#8a5a00", dark: "#dba53c"),
    Color(name: "i2", light: "#1f76ab", dark: "#63bdf0"),
    Color(name: "i3", light: "#7a4fa3", dark: "#c39ae6"),
    Color(name: "i4", light: "#5a771d", dark: "#a6c45a"),
  ]

  /// Names of the colours that text has, each with the grounds on which it stands.
  static let texts: [(text: String, grounds: [String])] = [
    ("ink", ["paper", "faint"]), ("muted", ["paper", "faint"]), ("pass", ["paper"]),
    ("fail", ["paper", "faint"]), ("unknown", ["paper"]), ("nondeterministic", ["paper"]),
    ("on-verdict", ["pass", "fail", "unknown", "nondeterministic"]), ("fault-text", ["paper"]),
    ("outage", ["paper"]), ("on-writer", ["writer"]),
    ("on-role", ["reader", "starting", "starting-stripe", "down"]),
    ("w0", ["paper"]), ("w1", ["paper"]), ("w2", ["paper"]), ("w3", ["paper"]),
    ("i0", ["paper"]), ("i1", ["paper"]), ("i2", ["paper"]), ("i3", ["paper"]), ("i4", ["paper"]),
    ("phase", ["paper", "faint"]),
  ]

  /// The table as custom properties of CSS.
  static var styles: String {
    func declarations(_ shade: (Color) -> String) -> String {
      colors.map { "--\($0.name): \(shade($0));" }.joined(separator: " ")
    }
    return """
      :root { color-scheme: light dark; \(declarations(\.light)) }
      @media screen and (prefers-color-scheme: dark) { :root { \(declarations(\.dark)) } }
      """
  }
}
