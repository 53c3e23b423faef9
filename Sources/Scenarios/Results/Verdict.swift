/// What a run, or a whole campaign, comes to.
public enum Verdict: String, CaseIterable, Codable, Sendable {
  /// Every claim held, every objective was met and every fault was seen to act.
  case pass
  /// A claim or an objective failed; the reasons say which.
  case fail
  /// Nothing can be concluded: a fault did not act, or a claim could not be judged.
  case unknown
  /// The run was ended before its horizon because it had used up the CPU time that it was given: it hangs,
  /// or is too large.
  case processorLimit = "cpu_limit"
  /// The run and its replay disagreed, so neither can be believed.
  case nondeterministic

  /// All of them, the gravest first.
  public static let byGravity: [Verdict] = [
    .nondeterministic, .fail, .processorLimit, .unknown, .pass,
  ]

  /// The larger, the graver.
  var gravity: Int { Self.byGravity.count - (Self.byGravity.firstIndex(of: self) ?? 0) }

  /// The exit code of the command; 3 is taken by errors of usage.
  public var exitCode: Int32 {
    switch self {
    case .pass: 0
    case .fail: 1
    case .unknown, .processorLimit: 2
    case .nondeterministic: 4
    }
  }
}
