import Scenarios

/// The colours of the report, told apart by readers of every kind of colour vision and in grey.
///
/// Workloads and instances have colours of their own, so that one colour means one thing on the whole
/// axis; orange and red are kept for faults and outages.
///
/// Source: Okabe and Ito, "Color Universal Design", 2008, darkened where a thin line on white needs it.
enum Palette {
  private static let workloads = ["#0072b2", "#009e73", "#b8528f", "#6b7480"]
  private static let instances = ["#4a525c", "#a36a00", "#2c8fcb", "#7a4fa3", "#5f7f1f"]

  /// How a curve is drawn: in a colour, and dashed once all colours are taken.
  struct Stroke {
    let color: String
    let isDashed: Bool
  }

  static func workload(_ place: Int) -> Stroke { stroke(place, of: workloads) }
  static func instance(_ place: Int) -> Stroke { stroke(place, of: instances) }

  private static func stroke(_ place: Int, of colors: [String]) -> Stroke {
    Stroke(color: colors[place % colors.count], isDashed: place / colors.count % 2 == 1)
  }

  static func role(_ role: InstanceResult.Role) -> String {
    switch role {
    case .writer: "#0b5c94"
    case .reader: "#a9d3ee"
    case .starting: "url(#starting)"
    case .down: "#c3c9d1"
    }
  }
}
