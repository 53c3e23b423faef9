import Foundation
import Reports
import Scenarios
import Simulation
import Testing

@Suite struct `The page of a run` {
  @Test func dump() throws {
    for (name, result) in [("passing", SampleResult.passing), ("failing", SampleResult.failing)] {
      try HTMLReport(result).markup.write(toFile: "/tmp/shots/\(name).html", atomically: true, encoding: .utf8)
      print(TerminalSummary(result, report: "Reports/az-outage/report.html").text)
    }
  }
}
