import Scenarios
import Simulation

/// A line that a user types to `borealis explore`.
enum ExplorerRequest: Equatable {
  case goTo(Interval)
  case later(Interval)
  case earlier(Interval)
  case next
  case state
  case end
  case help
  case quit

  /// - Returns: `nil` if it means nothing.
  init?(_ line: String) {
    switch line {
    case "next": self = .next
    case "state": self = .state
    case "end": self = .end
    case "help": self = .help
    case "quit": self = .quit
    default:
      let sign = line.first.flatMap { "+-".contains($0) ? $0 : nil }
      let text = sign == nil ? line : String(line.dropFirst())
      guard let interval = Interval(scenarioText: text) else { return nil }
      switch sign {
      case "+": self = .later(interval)
      case "-": self = .earlier(interval)
      default: self = .goTo(interval)
      }
    }
  }

  static let manual = """
    72.5s          go there, forwards or back, and print the state
    +250ms   -1s   go so much forwards, or back
    next           go on to where something breaks, is mended, or is done about it
    state          print the state again
    end            run to the end, and print what the run comes to
    quit           leave, as at the end of the input
    """
}
