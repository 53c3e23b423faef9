import Foundation
import Testing

@testable import ControlPlane
@testable import Database
@testable import Scenarios
@testable import Simulation
@testable import Volume

@Suite struct `The trace` {
  private func digest(_ event: some TracePayload) -> Digest {
    let trace = Trace()
    trace.emit(event, at: .start)
    return trace.digest
  }

  private func fields(_ event: some TracePayload) -> [String] {
    Mirror(reflecting: event).children.map { String(reflecting: $0.value) }
  }

  /// Each change must be of one field, all fields must have their turn, and each must move the digest.
  ///
  /// - Returns: the name of the event.
  private func cover<Event: TracePayload>(_ event: Event, _ changes: (inout Event) -> Void...)
    -> String
  {
    var digests = [digest(event)]
    var covered: Set<Int> = []
    for change in changes {
      var changed = event
      change(&changed)
      let places = zip(fields(event), fields(changed)).enumerated()
        .filter { $0.element.0 != $0.element.1 }.map(\.offset)
      #expect(places.count == 1, "\(Event.name): a change of \(places.count) fields")
      covered.formUnion(places)
      let digest = digest(changed)
      #expect(!digests.contains(digest), "\(Event.name): field \(places) is not in the digest")
      digests.append(digest)
    }
    #expect(covered.count == fields(event).count, "\(Event.name): only \(covered) were changed")
    return Event.name
  }

  @Test func `has every field of every event in its digest`() throws {
    let (one, two) = (VolumeEpoch(number: 1, opener: 1), VolumeEpoch(number: 2, opener: 1))
    let other = VolumeEpoch(number: 1, opener: 2)
    let names = [
      cover(HostWentDown(host: "w"), { $0.host = "r" }),
      cover(HostBooted(host: "w"), { $0.host = "r" }),
      cover(
        ProcessKilledForMemory(host: "w", program: "engine", bytes: 1), { $0.host = "r" },
        { $0.program = "agent" }, { $0.bytes = 2 }),
      cover(
        FaultStarted(fault: "f", targets: ["w", "r"]), { $0.fault = "g" },
        { $0.targets = ["w"] }, { $0.targets = ["w r"] }, { $0.targets = ["r", "w"] }),
      cover(
        FaultEnded(fault: "f", tookEffect: true, evidence: "seen"), { $0.fault = "g" },
        { $0.tookEffect = false }, { $0.evidence = "none" }),
      cover(TunableDrawn(tunable: "a", value: "1"), { $0.tunable = "b" }, { $0.value = "2" }),
      cover(VolumeRecoveryStarted(host: "w"), { $0.host = "r" }),
      cover(
        VolumeEpochTaken(host: "w", epoch: one), { $0.host = "r" }, { $0.epoch = two },
        { $0.epoch = other }),
      cover(
        VolumeRecovered(host: "w", epoch: one, volumeDurableLSN: LSN(1), truncatedRecords: 1),
        { $0.host = "r" }, { $0.epoch = two }, { $0.epoch = other },
        { $0.volumeDurableLSN = LSN(2) }, { $0.truncatedRecords = 2 }),
      cover(
        WriterFenced(host: "w", epoch: one, newer: two), { $0.host = "r" }, { $0.epoch = two },
        { $0.epoch = other }, { $0.newer = one }, { $0.newer = other }),
      cover(StorageDiskLost(node: "a"), { $0.node = "b" }),
      cover(
        SegmentRefilled(group: 0, node: "a", durableLSN: LSN(1)), { $0.group = 1 },
        { $0.node = "b" }, { $0.durableLSN = LSN(2) }),
      cover(
        FirstWriteAccepted(group: 0, node: "a", epoch: one, writer: "w"), { $0.group = 1 },
        { $0.node = "b" }, { $0.epoch = two }, { $0.epoch = other }, { $0.writer = "r" }),
      cover(
        EngineStateChanged(instance: "w", role: .writer, state: .available, epoch: 1),
        { $0.instance = "r" }, { $0.role = .reader }, { $0.state = .fenced }, { $0.epoch = 2 }),
      cover(
        EngineCrashInjected(
          instance: "w", part: .node, client: Address(host: HostID(index: 1), port: 2)),
        { $0.instance = "r" }, { $0.part = .dispatcher },
        { $0.client = Address(host: HostID(index: 2), port: 2) },
        { $0.client = Address(host: HostID(index: 1), port: 3) }),
      cover(
        FaultInjected(
          instance: "w", id: 1, function: "a", target: "b", victims: ["c"], interval: .seconds(1),
          client: Address(host: HostID(index: 1), port: 2), isOfProcess: true),
        { $0.instance = "r" }, { $0.id = 2 }, { $0.function = "c" }, { $0.target = "c" },
        { $0.victims = ["d"] }, { $0.interval = .seconds(2) },
        { $0.client = Address(host: HostID(index: 2), port: 2) },
        { $0.client = Address(host: HostID(index: 1), port: 3) }, { $0.isOfProcess = false }),
      cover(PurgeStopped(host: "w", reason: "a"), { $0.host = "r" }, { $0.reason = "b" }),
      cover(
        EngineStarted(instance: "w", role: .writer), { $0.instance = "r" }, { $0.role = .reader }),
      cover(EnginePromoted(instance: "w"), { $0.instance = "r" }),
      cover(
        EngineCrashed(instance: "w", restartDelay: .seconds(1)), { $0.instance = "r" },
        { $0.restartDelay = .seconds(2) }),
      cover(EngineHung(instance: "w"), { $0.instance = "r" }),
      cover(EngineFenced(instance: "w"), { $0.instance = "r" }),
      cover(EngineDemoted(instance: "w"), { $0.instance = "r" }),
      cover(EngineAdopted(instance: "w"), { $0.instance = "r" }),
      cover(EngineRestartHeldBack(instance: "w"), { $0.instance = "r" }),
      cover(
        ServerlessCapacitySet(
          instance: "w", milliACU: 1, demand: 1, utilization: 1, connections: 1),
        { $0.instance = "r" }, { $0.milliACU = 2 }, { $0.demand = 2 }, { $0.utilization = 2 },
        { $0.connections = 2 }),
      cover(
        ManagementCallTaken(
          cluster: "c", call: "a", client: Address(host: HostID(index: 1), port: 2)),
        { $0.cluster = "d" }, { $0.call = "b" },
        { $0.client = Address(host: HostID(index: 2), port: 2) },
        { $0.client = Address(host: HostID(index: 1), port: 3) }),
      cover(
        ManagementCallRefused(cluster: "c", call: "a", code: "b"), { $0.cluster = "d" },
        { $0.call = "b" }, { $0.code = "c" }),
      cover(
        ControlPlaneStarted(cluster: "c", starts: 1, term: 1, writer: "w"), { $0.cluster = "d" },
        { $0.starts = 2 }, { $0.term = 2 }, { $0.writer = "r" }),
      cover(
        InstanceSuspected(instance: "w", reason: .silent, since: .start, role: .writer),
        { $0.instance = "r" }, { $0.reason = .engineDown }, { $0.since = .start + .seconds(1) },
        { $0.role = .reader }),
      cover(SuspicionCleared(instance: "w"), { $0.instance = "r" }),
      cover(
        FailoverStarted(cluster: "c", writer: "w", isPlanned: true, term: 1), { $0.cluster = "d" },
        { $0.writer = "r" }, { $0.isPlanned = false }, { $0.term = 2 }),
      cover(
        CandidateElected(instance: "w", attempt: 1, term: 1), { $0.instance = "r" },
        { $0.attempt = 2 }, { $0.term = 2 }),
      cover(PromotionSent(instance: "w", term: 1), { $0.instance = "r" }, { $0.term = 2 }),
      cover(
        PromotionAttemptFailed(instance: "w", attempt: 1, term: 1), { $0.instance = "r" },
        { $0.attempt = 2 }, { $0.term = 2 }),
      cover(NoCandidateFound(cluster: "c", writer: "w"), { $0.cluster = "d" }, { $0.writer = "r" }),
      cover(
        InstancePromoted(instance: "w", epoch: 1, term: 1), { $0.instance = "r" },
        { $0.epoch = 2 }, { $0.term = 2 }),
      cover(
        FailoverCompleted(
          cluster: "c", writer: "w", attempts: 1, term: 1, duration: .seconds(1)),
        { $0.cluster = "d" }, { $0.writer = "r" }, { $0.attempts = 2 }, { $0.term = 2 },
        { $0.duration = .seconds(2) }),
      cover(TermLearned(instance: "w", term: 1), { $0.instance = "r" }, { $0.term = 2 }),
      cover(WriterReturned(instance: "w", term: 1), { $0.instance = "r" }, { $0.term = 2 }),
      cover(
        ZoneChanged(cluster: "c", serial: 1, writer: "w", readers: ["r"]), { $0.cluster = "d" },
        { $0.serial = 2 }, { $0.writer = "r" }, { $0.readers = [] }),
      cover(
        ZonePublished(cluster: "c", serial: 1, writer: "w"), { $0.cluster = "d" },
        { $0.serial = 2 }, { $0.writer = "r" }),
      cover(
        ClusterStatusChanged(cluster: "c", status: .available), { $0.cluster = "d" },
        { $0.status = .failingOver }),
      cover(
        ClusterEventListed(source: .cluster("c"), event: .instanceCreated),
        { $0.source = .instance("c") }, { $0.source = .cluster("d") },
        { $0.event = .instanceRestarted }),
      cover(
        ClientResolved(host: "app", instance: "w"), { $0.host = "web" }, { $0.instance = "r" },
        { $0.instance = nil }),
    ]
    #expect(Set(names).count == names.count)
    #expect(try Set(names) == Set(Self.declared), "an event is not tested, or is no more")
  }

  /// The names of all events that any module declares.
  private static var declared: [String] {
    get throws {
      let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
      let files = FileManager.default.enumerator(
        at: root.appending(path: "Sources"), includingPropertiesForKeys: nil)
      var names: [String] = []
      while let file = files?.nextObject() as? URL {
        guard file.pathExtension == "swift" else { continue }
        let text = try String(contentsOf: file, encoding: .utf8)
        names += text.matches(of: #/static let name = "([a-z_]+\.[a-z_]+)"/#).map { String($0.1) }
      }
      return names
    }
  }

  @Test func `tells events apart that happen to different things of one name, or at another time`()
  {
    #expect(digest(HostWentDown(host: "w")) != digest(HostBooted(host: "w")))
    #expect(ResourceName.host("w") != .instance("w"))
    let (first, second) = (Trace(), Trace())
    first.emit(HostBooted(host: "w"), at: .start)
    second.emit(HostBooted(host: "w"), at: .start + .nanoseconds(1))
    #expect(first.digest != second.digest)
    #expect(first.events != second.events)
  }

  @Test func `is read by kind, and as text`() {
    let trace = Trace()
    trace.emit(HostBooted(host: "w"), at: .start)
    trace.emit(
      EngineStateChanged(instance: "w", role: .writer, state: .available, epoch: 3),
      at: .start + .seconds(1))
    trace.emit(FaultStarted(fault: "f", targets: ["w", "r"]), at: .start + .seconds(2))
    let states = trace.events.all(EngineStateChanged.self)
    #expect(states.map(\.instant) == [.start + .seconds(1)])
    #expect(states.map(\.payload.epoch) == [3])
    #expect(
      trace.events.map(\.details) == [
        "host.up w", "engine.state w role=writer state=available epoch=3",
        "fault.started f targets=w,r",
      ])
  }
}
