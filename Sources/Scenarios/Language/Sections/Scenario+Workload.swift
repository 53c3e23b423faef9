public import Simulation

extension Scenario {
  /// A stream of transactions from the hosts of one client.
  public struct Workload: Equatable, Sendable {
    /// When transactions begin.
    public enum Load: Equatable, Codable, Sendable {
      /// Open loop: transactions arrive whether or not the last ones are answered.
      ///
      /// An arrival that finds all `connections` busy waits for one, and its latency counts from its
      /// arrival.
      case open(Arrivals, connections: Int)
      /// Closed loop: each of `concurrency` sessions thinks, sends, waits for the answer, and again.
      case closed(concurrency: Int, thinkTime: LatencyDistribution.Shape)
    }

    public enum Isolation: String, CaseIterable, Codable, Sendable {
      case readCommitted = "read committed"
      case repeatableRead = "repeatable read"

      /// What its histories are judged against, unless the scenario claims more.
      var level: IsolationLevel {
        switch self {
        case .readCommitted: .readCommitted
        case .repeatableRead: .repeatableRead
        }
      }
    }

    /// An application that has begun a transaction and does something else before it commits.
    public struct Idling: Equatable, Codable, Sendable {
      /// Of the transactions.
      public var share: Percentage
      public var length: LatencyDistribution.Shape

      public init(share: Percentage, length: LatencyDistribution.Shape) {
        (self.share, self.length) = (share, length)
      }
    }

    public var id: String
    /// The id of the client whose hosts run it.
    public var client: String
    public var mix: Mix
    public var isolation: Isolation
    /// How some of its transactions sit idle before they commit; `nil` if none does.
    public var idling: Idling?
    public var load: Load
    /// From the start of the run to its first transaction.
    public var start: Interval
    /// How long it goes on; it ends by the horizon.
    public var duration: Interval

    public init(
      id: String, client: String, mix: Mix, isolation: Isolation = .readCommitted,
      idling: Idling? = nil, load: Load,
      start: Interval = .zero, duration: Interval
    ) {
      (self.id, self.client, self.mix, self.isolation) = (id, client, mix, isolation)
      (self.load, self.start, self.duration) = (load, start, duration)
      self.idling = idling
    }

    /// How many sessions it has at most.
    var sessionCount: Int {
      switch load {
      case .open(_, let connections): connections
      case .closed(let concurrency, _): concurrency
      }
    }

    /// The instant after its last new transaction.
    public var end: Interval { start + duration }
  }
}

extension Scenario.Workload {
  private static let keys = [
    "id", "client", "mix", "isolation", "idle_in_transaction", "arrivals", "connections",
    "concurrency", "think_time",
    "at", "for",
  ]

  init(
    reading field: Field, clients: [Scenario.Client], horizon: Interval
  ) throws(ScenarioError) {
    let section = try field.section(Self.keys + Mix.keys, later: ["rate"])
    id = try section.required("id").identifier()
    let clientField = try section.required("client")
    client = try clientField.reference(to: "client", among: clients.map(\.id))
    mix = try Mix(reading: section)
    isolation = try section["isolation"]?.choice() ?? .readCommitted
    idling = try section["idle_in_transaction"].map { (field) throws(ScenarioError) in
      let section = try field.section(["share", "for"])
      return Idling(
        share: try section.required("share").value(), length: try section.required("for").value())
    }
    load = try Load(reading: section)
    start = try section["at"]?.value() ?? .zero
    if start >= horizon, let field = section["at"] {
      throw field.refusal(expected: "a start before the horizon of \(horizon)")
    }
    duration =
      try section["for"]?.value(in: .nanoseconds(1)...(.longestInScenario)) ?? horizon - start
    if end > horizon, let field = section["for"] {
      throw field.refusal(
        .contradiction("it would end at \(end), after the horizon of \(horizon)"))
    }
    let isAtReaders = clients.contains { $0.id == client && $0.endpoint == .reader }
    if isAtReaders && mix.writes {
      throw clientField.refusal(
        .contradiction("'\(client)' connects to the reader endpoint, but \(mix.name) writes"))
    }
  }

  var plan: PlanNode {
    .block(
      [
        ("id", .scalar(id)), ("client", .scalar(client)), ("mix", .scalar(mix.name)),
      ] + mix.plan + [
        ("isolation", .choice(isolation)),
        (
          "idle_in_transaction",
          idling.map { .line([("share", .value($0.share)), ("for", .value($0.length))]) }
        ),
      ] + load.plan + [
        ("at", .value(start)), ("for", .value(duration)),
      ])
  }
}

extension Scenario.Workload.Load {
  init(reading section: Section) throws(ScenarioError) {
    let (kind, field) = try section.exactlyOne(of: ["arrivals", "concurrency"])
    func refuse(_ key: String, belongsTo owner: String) throws(ScenarioError) {
      guard let stray = section[key] else { return }
      throw stray.refusal(.contradiction("it belongs to '\(owner)', and this load has '\(kind)'"))
    }
    if kind == "arrivals" {
      try refuse("think_time", belongsTo: "concurrency")
      let connections = try section["connections"]?.value(in: 1...10_000) ?? 16
      self = .open(try field.value(), connections: connections)
    } else {
      try refuse("connections", belongsTo: "arrivals")
      let thinkTime: LatencyDistribution.Shape =
        try section["think_time"]?.value() ?? .constant(.zero)
      self = .closed(concurrency: try field.value(in: 1...10_000), thinkTime: thinkTime)
    }
  }

  var plan: [(key: String, value: PlanNode?)] {
    switch self {
    case .open(let arrivals, let connections):
      [("arrivals", .value(arrivals)), ("connections", .value(connections))]
    case .closed(let concurrency, let thinkTime):
      [("concurrency", .value(concurrency)), ("think_time", .value(thinkTime))]
    }
  }
}
