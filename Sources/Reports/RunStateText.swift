public import Scenarios
import Simulation
import Statistics

/// What `borealis run --until` prints: hosts, volume, instances and their sessions at one instant.
public struct RunStateText {
  private let state: RunState

  public init(_ state: RunState) { self.state = state }

  /// Tables with a line for each thing; columns are aligned.
  public var text: String {
    var text =
      "state at \(FixedPoint.seconds(nanoseconds: state.instant.nanoseconds, decimals: 6)) s"
    text += "  \(Words.count(Int(state.eventCount), "event"))  digest \(state.digest)\n"
    text += "agenda \(Words.count(state.scheduledEvents, "event")) ahead, "
    text += "\(Words.count(state.packetsInFlight, "packet")) in flight, faults on: "
    text += state.faults.isEmpty ? "none" : state.faults.joined(separator: ", ")
    return text + "\n\n" + [hosts, volume, instances, sessions].joined(separator: "\n")
  }

  private var hosts: String {
    var rows = [["host", "az", "up", "processes", "run queue", "disk", "hot log"]]
    for host in state.hosts {
      let disks = host.disks.map {
        "\($0.name): \($0.operations) under way, \(FixedPoint.bytes($0.unflushedBytes)) unflushed"
      }
      rows.append([
        host.name, host.zone, host.isUp ? "up" : "down", host.processes.joined(separator: ", "),
        Words.duration(host.runQueue), disks.joined(separator: "; "),
        host.hotLogFill.map { "\(FixedPoint.string($0 * 100, decimals: 1)) %" } ?? "",
      ])
    }
    return Self.table(rows)
  }

  private var volume: String {
    var rows = [["group", "copy", "node", "serves", "epoch", "SCL", "complete"]]
    for group in state.groups {
      for (number, copy) in group.copies.enumerated() {
        rows.append([
          "\(group.number)", "\(number)", copy.host, copy.isServing ? "yes" : "no", copy.epoch,
          "\(copy.segmentCompleteLSN)", copy.isComplete ? "yes" : "no",
        ])
      }
    }
    return Self.table(rows)
  }

  private var instances: String {
    var rows = [["instance", "role", "state", "epoch", "VCL", "VDL", "transactions", "sessions"]]
    for instance in state.instances {
      rows.append([
        instance.id, instance.role, instance.state, instance.epoch,
        instance.completeLSN.map { "\($0)" } ?? "", "\(instance.durableLSN)",
        "\(instance.activeTransactions)", "\(instance.sessions.count)",
      ])
    }
    return Self.table(rows)
  }

  private var sessions: String {
    var rows = [["instance", "pid", "client", "state", "waits for", "statement"]]
    for instance in state.instances {
      for session in instance.sessions {
        rows.append([
          instance.id, "\(session.processID)", session.client, session.state, session.waitsFor,
          Self.oneLine(session.statement),
        ])
      }
    }
    return Self.table(rows)
  }

  private static let longestStatement = 72

  private static func oneLine(_ statement: String) -> String {
    let words = statement.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return words.count > longestStatement ? words.prefix(longestStatement - 1) + "…" : words
  }

  /// Columns two blanks apart, without blanks at the ends of lines.
  private static func table(_ rows: [[String]]) -> String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    var text = ""
    for row in rows {
      var line = ""
      for (cell, width) in zip(row, widths) {
        line += cell + String(repeating: " ", count: width - cell.count + 2)
      }
      while line.last == " " { line.removeLast() }
      text += line + "\n"
    }
    return text
  }
}
