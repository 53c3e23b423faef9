import Scenarios

/// Which colour of the ``Theme`` a workload, an instance or a role has: one colour means one thing on the
/// whole axis.
enum Palette {
  private static let workloads = ["w0", "w1", "w2", "w3"]
  private static let instances = ["i0", "i1", "i2", "i3", "i4"]

  /// How a curve is drawn: in a colour, and dashed once all colours are taken.
  struct Stroke {
    /// As CSS refers to it.
    let color: String
    let isDashed: Bool
  }

  static func workload(_ place: Int) -> Stroke { stroke(place, of: workloads) }
  static func instance(_ place: Int) -> Stroke { stroke(place, of: instances) }

  private static func stroke(_ place: Int, of colors: [String]) -> Stroke {
    Stroke(
      color: "var(--\(colors[place % colors.count]))",
      isDashed: place / colors.count % 2 == 1)
  }

  static func role(_ role: InstanceResult.Role) -> String {
    switch role {
    case .writer: "var(--writer)"
    case .reader: "var(--reader)"
    case .starting: "url(#starting)"
    case .down: "var(--down)"
    }
  }
}
