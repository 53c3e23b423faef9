import Statistics

/// All values of a metric in one part of one run, in the metric's smallest unit: nanoseconds, bytes,
/// thousandths of an ACU.
struct MetricSample {
  /// A statistic as far as it is known.
  struct Observation: Equatable {
    let least: Double
    /// `nil` if it may be without limit.
    let most: Double?

    /// Whether the value is on the right side of the bound; `nil` if that is not known.
    func satisfies(_ comparison: ObjectiveResult.Comparison, _ bound: Double) -> Bool? {
      switch comparison {
      case .below:
        if let most, most < bound { return true }
        return least >= bound ? false : nil
      case .above:
        if least > bound { return true }
        return most.map { $0 <= bound } == true ? false : nil
      case .exactly:
        if least == bound, most == bound { return true }
        return least > bound || most.map { $0 < bound } == true ? false : nil
      }
    }
  }

  /// Why the values show nothing, such as that nothing was attempted: then they can break a bound, but not
  /// keep one.
  let doubt: String?
  /// Why there are no values, if there are none.
  let emptiness: String
  /// The values one by one, of a metric of which a run has few; else empty.
  private(set) var fewValues: [(least: Int64, most: Int64?)] = []
  private let observe: (Scenario.Objective.Statistic) -> Observation?

  /// - Returns: `nil` if there is nothing to observe.
  func observation(_ statistic: Scenario.Objective.Statistic) -> Observation? {
    observe(statistic)
  }

  private init(
    doubt: String?, emptiness: String,
    _ observe: @escaping (Scenario.Objective.Statistic) -> Observation?
  ) {
    (self.doubt, self.emptiness, self.observe) = (doubt, emptiness, observe)
  }

  /// The one value of a run, and what it is at most; `nil` if that has no limit.
  init(from least: Double, to most: Double?, doubt: String? = nil) {
    self.init(doubt: doubt, emptiness: "") { _ in Observation(least: least, most: most) }
  }

  /// The one value of a run.
  init(_ value: Double, doubt: String? = nil) { self.init(from: value, to: value, doubt: doubt) }

  /// - Parameter emptiness: why there are none, if there are none.
  init(_ times: TimeSample, doubt: String? = nil, emptiness: String) {
    // That there are none is a count, too, and shows nothing.
    let doubt = doubt ?? (times.histogram.isEmpty ? emptiness : nil)
    self.init(doubt: doubt, emptiness: emptiness) { statistic in
      times.statistic(statistic).map { Observation(least: $0, most: $0) }
    }
  }

  /// - Parameter emptiness: why there are none, if there are none.
  init(_ values: WeightedSample, doubt: String? = nil, emptiness: String) {
    let doubt = doubt ?? (values.isEmpty ? emptiness : nil)
    self.init(doubt: doubt, emptiness: emptiness) { statistic in
      values.statistic(statistic).map { Observation(least: $0, most: $0) }
    }
  }

  /// - Parameter emptiness: why there are none, if there are none.
  init(_ times: ResponseTimes, doubt: String? = nil, emptiness: String) {
    let doubt = doubt ?? (times.least.histogram.isEmpty ? emptiness : nil)
    self.init(doubt: doubt, emptiness: emptiness) { times.observation($0) }
  }

  /// Values of which some are known only to be at least so much.
  ///
  /// - Parameter values: `most` is `nil` where there is no limit.
  init(openEnded values: [(least: Int64, most: Int64?)], doubt: String?, emptiness: String) {
    let shortest = WeightedSample(values.map(\.least))
    let longest = WeightedSample(values.map { $0.most ?? .max })
    let isLimited = values.allSatisfy { $0.most != nil }
    self.init(doubt: doubt, emptiness: emptiness) { statistic in
      guard let least = shortest.statistic(statistic), let most = longest.statistic(statistic)
      else { return nil }
      // The mean of what has no limit has none either.
      let hasLimit = statistic == .mean ? isLimited : most < Double(Int64.max)
      return Observation(least: least, most: hasLimit ? most : nil)
    }
    fewValues = values
  }

  /// The sample of something that could not be measured at all.
  static func unknown(_ reason: String) -> MetricSample {
    MetricSample(doubt: reason, emptiness: reason) { _ in nil }
  }
}
