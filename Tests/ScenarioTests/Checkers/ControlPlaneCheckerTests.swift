import ControlPlane
import Scenarios
import Simulation
import Testing

private func second(_ count: Double) -> Instant {
  .start + .seconds(rounding: count)
}

@Suite struct `Terms` {
  /// Observations one after the other, a second apart, and what they break.
  private static func evidence(_ observations: [TermChecker.Observation]) -> [String] {
    var checker = TermChecker()
    return observations.enumerated().compactMap { place, observation in
      checker.observe(observation, at: second(Double(place)))?.evidence
    }
  }

  @Test func `go up from one election to the next`() {
    #expect(
      Self.evidence([
        .started(term: 1, writer: "w"), .elected(term: 2, instance: "r1"),
        .promotionSent(term: 2, instance: "r1"), .started(term: 2, writer: "r1"),
        .learned(term: 7), .elected(term: 8, instance: "w"), .promotionSent(term: 8, instance: "w"),
      ]) == [])
  }

  @Test func `may be given anew before anybody has heard of them`() {
    #expect(
      Self.evidence([
        .started(term: 1, writer: "w"), .elected(term: 2, instance: "r1"),
        .started(term: 1, writer: "w"), .elected(term: 2, instance: "r2"),
        .promotionSent(term: 2, instance: "r2"),
      ]) == [])
  }

  @Test func `are not used twice`() {
    #expect(
      Self.evidence([.started(term: 1, writer: "w"), .elected(term: 1, instance: "r1")])
        == ["r1 was elected in term 1, which w had been given at 0.000000s"])
    #expect(
      Self.evidence([
        .promotionSent(term: 2, instance: "r1"), .promotionSent(term: 2, instance: "r2"),
      ]) == ["term 2 was given to r2, though r1 had been given it at 0.000000s"])
  }

  @Test func `are not forgotten, unless the disk is damaged`() {
    let course: [TermChecker.Observation] = [
      .promotionSent(term: 2, instance: "r1"), .started(term: 1, writer: "w"),
    ]
    #expect(Self.evidence(course) == ["the control plane came back in term 1, after 2"])
    #expect(Self.evidence([.recordDamaged] + course) == [])
  }
}

@Suite struct `The cluster endpoint` {
  private static func evidence(_ observations: [EndpointChecker.Observation]) -> [String] {
    var checker = EndpointChecker()
    return observations.compactMap { checker.observe($0, at: second(1))?.evidence }
  }

  @Test func `moves to a writer that has opened since it moved last`() {
    #expect(
      Self.evidence([
        .named(writer: "w"), .opened(instance: "w"), .named(writer: "w"), .opened(instance: "r1"),
        .named(writer: "r1"), .opened(instance: "w"), .named(writer: "w"),
      ]) == [])
  }

  @Test func `does not move ahead of the writer, nor back to one that was`() {
    let text = "the cluster endpoint moved from w to r1, which had not opened as the writer"
    #expect(Self.evidence([.named(writer: "w"), .named(writer: "r1")]) == [text])
    #expect(
      Self.evidence([
        .named(writer: "w"), .opened(instance: "w"), .opened(instance: "r1"), .named(writer: "r1"),
        .named(writer: "w"),
      ]).count == 1)
    #expect(Self.evidence([.recordDamaged, .named(writer: "w"), .named(writer: "r1")]) == [])
  }
}

@Suite struct `The time of a failover` {
  private static let tiers = [("w", 1), ("r1", 0), ("r2", 1)]

  /// With the default timing: silence counts after 5 s, a promotion may take 20 s.
  private static func evidence(
    _ course: [(Double, FailoverTimeChecker.Observation)], until end: Double = 100,
    service: [ClosedRange<Instant>] = [], troubles: [(String, ClosedRange<Instant>)] = []
  ) -> (evidence: [String], steps: Int) {
    var checker = FailoverTimeChecker(
      timing: ClusterTiming(), tiers: tiers.map { (instance: $0.0, tier: $0.1) }, service: service,
      troubles: troubles.map { (host: $0.0, interval: $0.1) })
    var violations = course.compactMap { checker.observe($0.1, at: second($0.0)) }
    violations += checker.finish(at: second(end))
    return (violations.map(\.evidence), checker.stepCount)
  }

  private static let open: [(Double, FailoverTimeChecker.Observation)] = [
    (1, .readerOpen(instance: "r1")), (1, .readerOpen(instance: "r2")),
  ]
  private static let missed: [(Double, FailoverTimeChecker.Observation)] =
    open + [(20, .hostDown(instance: "w")), (25, .suspected(instance: "w", isWriter: true))]
  private static let elected =
    missed + [
      (25, .failoverStarted(writer: "w", isPlanned: false)),
      (25, .elected(instance: "r1", attempt: 1, term: 2)),
    ]

  @Test func `is kept by one that goes as it should`() {
    let whole = Self.evidence(
      Self.elected + [
        (25.1, .promotionSent(term: 2)), (25.2, .promotionEnded(term: 2, succeeded: true)),
        (25.3, .published),
      ])
    #expect(whole.evidence == [] && whole.steps == 5)
  }

  @Test func `is known of each step`() {
    #expect(
      Self.evidence(Self.open + [(20, .hostDown(instance: "w"))]).evidence
        == ["the host of w went down at 20.000000s and was not missed by 29.000000s"])
    #expect(
      Self.evidence(Self.missed).evidence == [
        "the writer was missed at 25.000000s, and no reader was elected by 28.000000s, though one was"
          + " open"
      ])
    #expect(
      Self.evidence(Self.elected).evidence
        == ["a reader was elected in term 2 at 25.000000s, and was not told by 28.000000s"])
    let told = Self.elected + [(25.1, .promotionSent(term: 2))]
    #expect(
      Self.evidence(told).evidence == [
        "a reader was to take over in term 2 from 25.100000s, and had neither done so nor been given"
          + " up by 48.100000s"
      ])
    #expect(
      Self.evidence(told + [(26, .promotionEnded(term: 2, succeeded: true))]).evidence
        == ["a writer had taken over at 26.000000s, and name servers did not have it by 30.000000s"]
    )
  }

  @Test func `is nothing that a troubled control plane is held to`() {
    let trouble = second(26)...second(27)
    #expect(Self.evidence(Self.missed, service: [trouble]).evidence == [])
    #expect(
      Self.evidence(Self.open + [(20, .hostDown(instance: "w")), (24, .hostUp(instance: "w"))])
        .evidence == [])
    #expect(Self.evidence(Self.open + [(20, .hostDown(instance: "w"))], until: 28).evidence == [])
  }

  @Test func `goes with the reader of the lowest tier that is known to be open`() {
    func elect(
      _ reader: String, troubles: [(String, ClosedRange<Instant>)] = []
    ) -> [String] {
      let course =
        Self.missed + [
          (25, .failoverStarted(writer: "w", isPlanned: false)),
          (25, .elected(instance: reader, attempt: 1, term: 2)),
          (25, .promotionSent(term: 2)), (25, .promotionEnded(term: 2, succeeded: false)),
        ]
      return Self.evidence(course, troubles: troubles).evidence
    }
    #expect(elect("r1") == [])
    #expect(elect("r2") == ["r2, of tier 1, was elected, though r1, of tier 0, was open"])
    #expect(elect("r2", troubles: [("r1", second(22)...second(23))]) == [])
  }
}

@Suite struct `What a name stands for` {
  private static func evidence(
    _ observations: [(Instant, NameChecker.Observation)], troubles: [ClosedRange<Instant>] = []
  ) -> [String] {
    var checker = NameChecker(delay: .seconds(2), troubles: troubles)
    return observations.compactMap { checker.observe($0.1, at: $0.0)?.evidence }
  }

  private static func resolved(
    _ name: NameChecker.Name, _ instance: String
  ) -> NameChecker.Observation {
    .resolved(name, by: "app", instance: instance, memory: .seconds(5))
  }

  private static let named: [(Instant, NameChecker.Observation)] = [
    (second(1), .named(writer: "w", readers: ["r1"])),
    (second(10), .named(writer: "r1", readers: [])),
  ]

  @Test func `may be what it stood for a little while ago`() {
    #expect(
      Self.evidence(
        Self.named + [
          (second(16), Self.resolved(.cluster, "w")), (second(16), Self.resolved(.cluster, "r1")),
          (second(16), Self.resolved(.reader, "r1")), (second(30), Self.resolved(.reader, "r1")),
        ]) == [])
  }

  @Test func `is not what it stood for long ago, nor the writer while there is a reader`() {
    #expect(
      Self.evidence([Self.named[0], (second(9), Self.resolved(.reader, "w"))]).count == 1)
    #expect(Self.evidence(Self.named + [(second(18), Self.resolved(.cluster, "w"))]).count == 1)
  }

  @Test func `is not judged while those who tell it are struck, nor before they have`() {
    let late = (second(18), Self.resolved(.cluster, "w"))
    #expect(Self.evidence(Self.named + [late], troubles: [second(12)...second(13)]) == [])
    #expect(Self.evidence([late]) == [])
  }
}

@Suite struct `An error that a client meets` {
  private static func evidence(_ observations: [ErrorChecker.Observation]) -> [String] {
    var checker = ErrorChecker()
    return observations.compactMap { checker.observe($0, at: second(1))?.evidence }
  }

  private static func met(_ kind: String, isExpected: Bool = false) -> ErrorChecker.Observation {
    .met(workload: "bank", kind: kind, text: "so it is", isExpected: isExpected)
  }

  @Test func `has its cause before it`() {
    #expect(
      Self.evidence([
        Self.met("40001"), Self.met("40P01"), Self.met("23505", isExpected: true), .engineEnded,
        Self.met("57P02"), Self.met("connection reset"), .writerChanged, Self.met("25006"),
        .connectionsScarce, Self.met("53300"),
      ]) == [])
    for (kind, cause) in [
      ("57P02", ErrorChecker.Observation.engineEnded), ("25006", .writerChanged),
      ("53300", .connectionsScarce), ("connection reset", .disturbed),
    ] {
      #expect(Self.evidence([Self.met(kind), cause, Self.met(kind)]).count == 1, "\(kind)")
    }
  }

  @Test func `is told of once for each kind, with what the server said`() {
    #expect(
      Self.evidence([.disturbed, .engineEnded, Self.met("XX001"), Self.met("XX001")]) == [
        "a transaction of bank met XX001, \"so it is\", which no fault of the run explains"
      ])
    #expect(Self.evidence([.disturbed, Self.met("protocol error"), Self.met("26000")]).count == 2)
  }

  @Test func `may be anything after a statement that may do anything`() {
    #expect(Self.evidence([.anythingAsked, Self.met("42P01")]) == [])
  }
}
