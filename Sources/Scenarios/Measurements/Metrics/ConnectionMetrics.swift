import Simulation

extension MetricFamily {
  static let connections = MetricFamily { scope in
    scope.workloads.flatMap { id -> [Metric] in
      [
        .connectAttempts(workload: id), .connectFailures(.refused, workload: id),
        .connectFailures(.timedOut, workload: id), .connectFailures(.broken, workload: id),
        .connectTime(workload: id),
      ]
    }
  }
}

extension Metric {
  /// `oltp.connections.attempts`: attempts to open a session that ended, however they did.
  public static func connectAttempts(workload id: String) -> Metric {
    connections("attempts", workload: id, isOfFailures: false) { _ in true }
  }

  /// `oltp.connections.refused`, `.timed_out`, `.broken`: those that failed, by how they did.
  static func connectFailures(
    _ cause: ConnectAttempt.Failure.Cause, workload id: String
  ) -> Metric {
    connections(cause.key, workload: id, isOfFailures: true) { $0.failure?.cause == cause }
  }

  /// `oltp.connect_time`: one value for each session that was wanted, from the first attempt to the open session;
  /// of one that is still wanted, at least its age.
  public static func connectTime(workload id: String) -> Metric {
    ofWorkload(id, "connect_time", in: .time) { workload, query, _ in
      MetricSample(
        query.measurement.connectTimes(of: workload, in: query.window),
        emptiness: "nobody wanted a session")
    }
  }

  /// - Parameter isOfFailures: how many failed shows nothing where nobody tried.
  private static func connections(
    _ key: String, workload id: String, isOfFailures: Bool,
    _ counts: @escaping @Sendable (ConnectAttempt) -> Bool
  ) -> Metric {
    single("\(id).connections.\(key)", "connections.\(key)", of: id, in: .count, hasWindow: true) {
      query in
      of(id, in: query) { workload, doubt in
        let attempts = workload.connectAttempts.filter { attempt in
          attempt.ended.map { query.window.contains($0) } == true
        }
        let isVain = isOfFailures && attempts.isEmpty
        return MetricSample(
          Double(attempts.count(where: counts)),
          doubt: doubt ?? (isVain ? "no attempt to get a session had ended" : nil))
      }
    }
  }
}

extension ConnectAttempt.Failure.Cause {
  /// As metrics name it.
  fileprivate var key: String {
    switch self {
    case .refused: "refused"
    case .timedOut: "timed_out"
    case .broken: "broken"
    }
  }
}
