import Scenarios

struct CampaignPage {
  let campaign: Campaign
  let reports: (UInt64) -> String?
  init(_ campaign: Campaign, reports: (UInt64) -> String?) {
    self.campaign = campaign
    self.reports = { _ in nil }
  }
  var markup: String { "" }
}
