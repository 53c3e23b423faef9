/// One statistic of one metric over the measured part of a run.
public struct MetricResult: Codable, Equatable, Sendable {
  /// As an objective would name it, such as `oltp.latency`.
  public var metric: String
  /// What is measured, such as `latency`.
  public var kind: String
  /// The workload or instance of which it is measured; empty for the whole run.
  public var subject: String
  /// Such as `p95`; empty for a metric of which a run has one value.
  public var statistic: String
  public var value: Quantity

  public init(metric: String, kind: String, subject: String, statistic: String, value: Quantity) {
    (self.metric, self.kind, self.subject) = (metric, kind, subject)
    (self.statistic, self.value) = (statistic, value)
  }
}
