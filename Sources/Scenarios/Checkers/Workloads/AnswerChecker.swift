public import Simulation

/// What a session is told of its statements is what becomes of them, however rudely it goes about them.
///
/// Every transaction has rows of its own, and so its script knows every answer that it may get, and every state in which
/// it may leave its rows.
public struct AnswerChecker: Checker {
  public enum Observation: Sendable {
    /// A statement has been answered with an SQLSTATE, a tag, or `done`.
    case answered(by: TransactionToken, what: String, allowed: [String], answer: String)
    /// Of two that wait for each other, and how long after the second began to wait there was an answer to each.
    case circle(by: TransactionToken, answers: [String], waited: Interval)
    /// Whether a lock was given whose holder had left, after a while in which his end should have been noticed.
    case inherited(by: TransactionToken, isGiven: Bool)
    /// The rows of a transaction, during the run or at the end; -1 stands for a row that is not there.
    case rows(of: TransactionToken, found: [Int64], allowed: [[Int64]])
    /// A fault has acted: from now on, waits may be longer.
    case disturbed
  }

  private let deadline: Interval
  private var isDisturbed = false
  public private(set) var answerCount = 0
  public private(set) var rowsCount = 0

  /// - Parameter deadline: within which a circle is broken while nothing is the matter.
  public init(deadline: Interval) { self.deadline = deadline }

  public mutating func observe(_ observation: Observation, at now: Instant) -> Violation? {
    switch observation {
    case .disturbed:
      isDisturbed = true
      return nil
    case .answered(let token, let what, let allowed, let answer):
      answerCount += 1
      guard !allowed.contains(answer) else { return nil }
      return violation(
        now, "\(token) \(what) and was told \(answer), not \(allowed.joined(separator: " or "))")
    case .circle(let token, let answers, let waited):
      answerCount += 1
      if answers.sorted() != ["40P01", "done"] {
        return violation(
          now,
          "of two that waited for each other in \(token) one was told \(answers[0]), and the other"
            + " \(answers[1])")
      }
      guard !isDisturbed, waited > deadline else { return nil }
      return violation(
        now, "two waited for each other in \(token), and it took \(waited) to break the circle")
    case .inherited(let token, let isGiven):
      answerCount += 1
      guard !isDisturbed, !isGiven else { return nil }
      return violation(now, "\(token) did not get a row whose holder had left")
    case .rows(let token, let found, let allowed):
      rowsCount += 1
      guard !allowed.contains(found) else { return nil }
      let states = allowed.map { "\($0)" }.joined(separator: " or ")
      return violation(now, "\(token) has left \(found) in its rows, not \(states)")
    }
  }

  private func violation(_ now: Instant, _ evidence: String) -> Violation {
    Violation(.answersHold, at: now, evidence: evidence)
  }
}
