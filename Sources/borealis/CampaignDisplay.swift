import Foundation
import Reports
import Scenarios

/// Shows how a campaign gets on: one changing line, and a line for each seed that did not pass.
final class CampaignDisplay {
  private let total: Int
  private let isQuiet: Bool
  private let started = ContinuousClock.now
  private var told: Set<UInt64> = []

  init(total: Int, isQuiet: Bool) { (self.total, self.isQuiet) = (total, isQuiet) }

  func update(_ campaign: Campaign) {
    guard !isQuiet else { return }
    for failure in campaign.failures where told.insert(failure.seed).inserted {
      Terminal.tell(
        "seed \(failure.seed): \(failure.verdict.rawValue): \(failure.reasons.first ?? "")")
    }
    guard Terminal.isInteractive else { return }
    Terminal.showStatus(status(campaign))
  }

  func finish() { if !isQuiet { Terminal.clearStatus() } }

  private func status(_ campaign: Campaign) -> String {
    let done = campaign.outcomes.count
    let filled = done * 30 / max(1, total)
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
    var text = "\(bar) \(done) of \(total) seeds, \(campaign.failures.count) not passed"
    if done > 0 {
      let elapsed = (ContinuousClock.now - started) / .seconds(1)
      let left = Int(elapsed / Double(done) * Double(total - done))
      text += ", about \(left / 60) min \(left % 60) s left"
    }
    return text
  }
}
