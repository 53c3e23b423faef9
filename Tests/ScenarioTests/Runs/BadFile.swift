import Foundation
import Testing

/// A scenario file that the command refuses, and the one line that it says.
struct BadFile: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// `nil` if there is no such file.
  let text: String?
  /// What follows `Error: bad.yaml:` on standard error.
  let message: String

  private static let good = TinyScenario(
    name: "bad", horizon: "10s", faults: ["{ id: down, at: 2s, for: 3s, host_crash: { on: r1 } }"]
  ).yaml

  /// The small scenario, broken in one place.
  private static func broken(
    _ what: String, _ from: String, _ to: String, _ message: String
  ) -> BadFile {
    precondition(good.contains(from), "the scenario no longer says '\(from)'")
    return BadFile(
      testDescription: what, text: good.replacingOccurrences(of: from, with: to), message: message)
  }

  static let all = [
    broken(
      "an unknown key", "at: 2s", "att: 2s",
      "25:19: faults[0].att: unknown key; did you mean 'at'? known here: id, at, after, for, may_miss,"
        + " every, times, until, ramp, crash, pause, kill_loop, host_crash,"),
    broken(
      "a missing unit", "for: 3s", "for: 15",
      "25:32: faults[0].for: expected a duration with its unit (ns, us, ms, s, m, h), such as"
        + " 250ms, and at most 8760h, not '15'"),
    broken(
      "an unknown target", "on: r1", "on: r9",
      "25:54: faults[0].host_crash.on: no target is called 'r9'; did you mean 'r1'? known here:"
        + " writer, reader, readers, instances, storage, agents, control-plane, name-server, clients,"
        + " az-a, az-b, az-c, w, r1, r2, app"),
    broken(
      "a fault after the horizon", "at: 2s", "at: 11s",
      "25:23: faults[0].at: it would start at 11s, which is not before the horizon of 10s"),
    BadFile(
      testDescription: "an empty file", text: "",
      message: "1:1: expected a scenario, which begins with 'borealis: 1', not an empty file"),
    BadFile(
      testDescription: "not YAML", text: "borealis: 1\nname: [a, b\nclaim: }\n",
      message: "3:6: not YAML: while parsing a flow sequence"),
    BadFile(
      testDescription: "a file that does not exist", text: nil, message: " there is no such file"),
  ]
}
