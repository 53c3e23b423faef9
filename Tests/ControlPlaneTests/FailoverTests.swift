import Simulation
import Testing

@testable import ControlPlane

@Suite struct `A cluster` {
  @Test func `opens with its first instance as writer and the others in the reader endpoint`() {
    let world = World()
    world.run(until: 10)
    #expect(world.selfStyledWriters == ["w"])
    #expect(world.controlPlane.status == .available)
    #expect(world.controlPlane.members.map(\.health) == [.healthy, .healthy, .healthy])
    #expect(world.answers.map(\.instance) == ["w"])
    #expect(world.events(ZoneChanged.self).last?.readers == ["r1", "r2"])
    #expect(world.rdsEvents().filter { $0.hasPrefix("RDS-EVENT-0005") }.count == 3)
  }

  @Test(arguments: 0..<10 as Range<UInt64>)
  func `fails over when the writer's host dies`(seed: UInt64) throws {
    let world = World(seed: seed)
    world.run(until: 20)
    world.host("w").crash()
    world.run(until: 60)
    #expect(
      world.story(after: 20) == [
        "control.suspected w", "control.failover_started shop", "control.elected r1",
        "control.promotion_sent r1", "agent.engine_promoted r1", "control.promoted r1",
        "control.failover_completed shop",
      ])
    let detected = try #require(world.seconds(InstanceSuspected.self))
    #expect((24...25.1).contains(detected))
    let completed = try #require(world.seconds(FailoverCompleted.self))
    #expect(completed - detected < 1.2)
    #expect(world.answers.map(\.instance) == ["w", "r1"])
    let seen = try #require(world.answers.last?.instant.sinceStart.seconds)
    #expect(seen < completed + 5.2, "a client may believe the old answer for one lifetime")
    // The other reader stays open, and follows.
    #expect(world.engine("r2").starts == 1)
    #expect(world.engine("r2").followed.last??.host == world.host("r1").id)
    #expect(world.engine("r1").starts == 1)
  }

  @Test func `promotes an engine that takes a new process for that`() {
    let world = World()
    world.engine("r1").promotesInNewProcess = true
    world.run(until: 20)
    world.host("w").crash()
    world.run(until: 60)
    #expect(world.selfStyledWriters == ["r1"])
    #expect(!world.story(after: 20).contains("agent.engine_hung r1"))
    #expect(world.engine("r1").starts == 1)
  }

  @Test func `tells of a failover in the documented order`() {
    let world = World()
    world.run(until: 20)
    world.host("w").crash()
    world.run(until: 40)
    world.host("w").boot()
    world.run(until: 60)
    #expect(
      world.rdsEvents(after: 20).filter { !$0.hasPrefix("RDS-EVENT-0385") } == [
        "RDS-EVENT-0073 shop Started cross AZ failover to DB instance: r1",
        "RDS-EVENT-0004 r1 DB instance shut down.",
        "RDS-EVENT-0006 r1 DB instance restarted.",
        "RDS-EVENT-0071 shop Completed failover to DB instance: r1",
        "RDS-EVENT-0006 w DB instance restarted.",
      ])
    #expect(
      world.events(ClusterStatusChanged.self).map(\.status.rawValue) == [
        "available", "failing-over", "available",
      ])
    #expect(world.controlPlane.status(of: "w") == .available)
  }

  @Test(arguments: 0..<10 as Range<UInt64>)
  func `restarts a crashed engine in place, without a failover`(seed: UInt64) throws {
    let world = World(seed: seed)
    world.run(until: 20)
    world.engine("w").process?.end()
    world.run(until: 60)
    #expect(
      world.story(after: 20) == ["agent.engine_crashed w", "agent.engine_started w"])
    #expect(world.engine("w").starts == 2)
    let started = try #require(world.seconds(EngineStarted.self, after: 20))
    #expect((22.5...23.5).contains(started))
    #expect(world.selfStyledWriters == ["w"])
    #expect(world.answers.map(\.instance) == ["w"])
    #expect(world.controlPlane.topology?.term == 1)
  }

  @Test func `restarts a hanging engine in place`() {
    let world = World()
    world.run(until: 20)
    world.engine("w").isHanging = true
    world.run(until: 60)
    #expect(
      world.story(after: 20) == [
        "agent.engine_hung w", "agent.engine_crashed w", "agent.engine_started w",
      ])
  }

  @Test func `does not mind the death of an agent whose engine goes on`() {
    let world = World()
    world.run(until: 20)
    let epoch = world.volume.epoch
    world.host("w").process(named: "host-agent")?.end()
    world.run(until: 60)
    #expect(world.story(after: 20) == ["agent.engine_adopted w"])
    #expect(world.volume.epoch == epoch)
    #expect(world.engine("w").starts == 1)
    // And the agent is no less careful afterwards.
    world.engine("w").process?.end()
    world.run(until: 80)
    #expect(world.selfStyledWriters == ["w"])
  }

  @Test(arguments: 0..<10 as Range<UInt64>)
  func `replaces a writer that is cut off, and demotes it when it is back`(seed: UInt64) {
    let world = World(seed: seed)
    world.run(until: 20)
    let partition = world.isolate(["w"])
    world.run(until: 40)
    #expect(world.selfStyledWriters == ["w", "r1"], "the one that is cut off cannot know")
    #expect(world.answers.map(\.instance) == ["w", "r1"])
    world.simulation.network.heal(partition)
    world.run(until: 60)
    #expect(world.selfStyledWriters == ["r1"])
    #expect(world.engine("w").status?.role == .reader)
    #expect(
      world.engine("w").followed.last??.host == world.host("r1").id || world.engine("w").starts == 2
    )
    #expect(world.answers.map(\.instance) == ["w", "r1"])
    #expect(
      world.volume.writes == world.volume.writes.sorted(), "an old epoch wrote after a new one")
    #expect(world.events(ZoneChanged.self).last?.readers == ["w", "r2"])
  }

  @Test func `demotes a writer that cannot be heard but can hear, before anybody is promoted`()
    throws
  {
    let world = World()
    world.run(until: 20)
    _ = world.simulation.network.partition(
      [world.host("w").id], from: [world.serviceHost.id], oneWay: true)
    world.run(until: 60)
    let demoted = try #require(world.seconds(EngineDemoted.self))
    let promoted = try #require(world.seconds(InstancePromoted.self))
    #expect(demoted < promoted)
    #expect(world.selfStyledWriters == ["r1"])
  }

  @Test func `passes on to the next when the elected one never hears of it`() {
    let world = World()
    world.run(until: 20)
    _ = world.simulation.network.partition(
      [world.serviceHost.id], from: [world.host("r1").id], oneWay: true)
    world.host("w").crash()
    world.run(until: 80)
    #expect(world.selfStyledWriters == ["r2"])
    #expect(world.answers.map(\.instance) == ["w", "r2"])
    #expect(
      world.rdsEvents(after: 20).contains {
        $0.hasPrefix("RDS-EVENT-0069 shop Failover to DB instance r1 failed.")
      })
    #expect(world.events(FailoverCompleted.self).last?.attempts == 2)
  }

  /// The first candidate opens when another has long been elected, and fences it.
  @Test func `recovers from a candidate that opens after it has been given up`() {
    let world = World()
    world.run(until: 20)
    world.engine("r1").refusesToOpen = true
    world.host("w").crash()
    world.run(until: 26)
    let cut = world.simulation.network.partition(
      [world.serviceHost.id], from: [world.host("r1").id], oneWay: false)
    world.run(until: 40)
    #expect(world.selfStyledWriters == ["r2"])
    #expect(world.volume.epoch == 2)
    world.engine("r1").refusesToOpen = false
    world.run(until: 41)
    #expect(world.volume.epoch == 3, "r1 has taken the volume")
    world.run(until: 60)
    #expect(world.selfStyledWriters == ["r2"], "it was promoted again, under the same term")
    #expect(world.volume.epoch == 4)
    #expect(world.engine("r1").status?.role == .reader)
    world.simulation.network.heal(cut)
    world.run(until: 80)
    #expect(world.selfStyledWriters == ["r2"])
    #expect(world.answers.map(\.instance) == ["w", "r2"])
    #expect(world.engine("r1").followed.last??.host == world.host("r2").id)
  }

  @Test func `without a reader waits for its writer's host`() throws {
    let world = World([World.Instance(id: "w", zone: "a")])
    world.run(until: 20)
    world.host("w").crash()
    world.run(until: 200)
    #expect(world.story(after: 20).last == "control.no_candidate shop")
    #expect(world.controlPlane.status == .failingOver)
    world.host("w").boot()
    world.run(until: 220)
    let back = try #require(world.seconds(WriterReturned.self))
    #expect((202.5...204).contains(back))
    #expect(world.controlPlane.status == .available)
    #expect(world.rdsEvents().last == "RDS-EVENT-0070 shop Promoted the previous primary again: w")
  }

  @Test func `restarts in place a writer whose host is back before the time-out`() {
    let world = World()
    world.run(until: 20)
    world.host("w").crash()
    world.run(until: 22)
    world.host("w").boot()
    world.run(until: 60)
    #expect(world.story(after: 20, ["control."]) == [])
    #expect(world.selfStyledWriters == ["w"])
  }

  @Test(arguments: [24.9, 25.05, 25.3, 25.6, 25.9, 26.1])
  func `completes a failover though the control plane dies in the midst of it`(crash: Double) {
    let world = World()
    world.run(until: 20)
    world.host("w").crash()
    world.run(until: crash)
    world.serviceHost.crash()
    world.run(until: crash + 3)
    world.serviceHost.boot()
    world.run(until: crash + 30)
    #expect(world.selfStyledWriters.count == 1)
    #expect(world.answers.map(\.instance) == ["w"] + world.selfStyledWriters)
    #expect(world.controlPlane.topology?.writer == world.selfStyledWriters.first)
    #expect(world.controlPlane.status == .available)
  }

  @Test func `changes nothing when only the control plane dies`() {
    let world = World()
    world.run(until: 20)
    let zones = world.events(ZoneChanged.self).count
    world.serviceHost.crash()
    world.run(until: 40)
    world.serviceHost.boot()
    world.run(until: 80)
    #expect(world.story(after: 20) == ["control.started shop"])
    #expect(world.answers.map(\.instance) == ["w"])
    #expect(world.events(ZoneChanged.self).count == zones + 1)
    #expect(world.events(ZoneChanged.self).last?.readers == ["r1", "r2"])
    #expect(world.denials == 0, "the names were gone for a while")
    #expect(world.rdsEvents(after: 20) == [])
    #expect(world.events(ClusterStatusChanged.self).count == 1)
  }

  /// What was never flushed survives a loss of power by luck only.
  @Test func `is led by a control plane that has lost its memory`() {
    var lossCount = 0
    for seed in 0..<12 as Range<UInt64> {
      let world = World(seed: seed)
      world.run(until: 20)
      _ = world.disk.impair(with: .forgetsFlushes)
      world.host("w").crash()
      world.run(until: 40)
      world.host("w").boot()
      world.serviceHost.crash()
      world.run(until: 41)
      world.serviceHost.boot()
      world.run(until: 80)
      #expect(world.selfStyledWriters == ["r1"])
      #expect(world.controlPlane.topology?.writer == "r1")
      #expect(world.answers.map(\.instance) == ["w", "r1"])
      #expect(world.engine("w").status?.role == .reader)
      if !world.events(TermLearned.self).isEmpty { lossCount += 1 }
      world.host("r1").crash()
      world.run(until: 120)
      #expect(world.selfStyledWriters.count == 1, "its commands are not obeyed")
      #expect(world.answers.last?.instance == world.selfStyledWriters.first)
    }
    #expect((1..<12).contains(lossCount))
  }

  @Test func `restarts a crashed engine while the control plane is down`() {
    let world = World()
    world.run(until: 20)
    world.serviceHost.crash()
    world.run(until: 21)
    world.engine("w").process?.end()
    world.run(until: 26)
    #expect(world.selfStyledWriters == ["w"])
  }

  @Test func `has no takeover begun by an engine that is paused`() {
    let world = World()
    world.run(until: 20)
    world.host("w").crash()
    world.run(until: 24)
    world.engine("r1").process?.pause()
    world.run(until: 26.5)
    #expect(world.story(after: 24).contains("agent.engine_promoted r1"), "it has not been told")
    #expect(world.engine("r1").status?.role == .reader)
    #expect(world.volume.epoch == 1)
    world.engine("r1").process?.resume()
    world.run(until: 28)
    #expect(world.engine("r1").status?.role == .writer)
    #expect(world.volume.epoch == 2)
    #expect(world.engine("r1").starts == 1)
  }

  @Test func `tells its engine again what was lost on the way`() {
    let world = World()
    world.run(until: 20)
    world.engine("r1").isDeaf = true
    world.host("w").crash()
    world.run(until: 26.5)
    #expect(world.engine("r1").status?.role == .reader)
    world.engine("r1").isDeaf = false
    world.run(until: 30)
    #expect(world.selfStyledWriters == ["r1"])
    #expect(world.controlPlane.topology?.term == 2, "the first attempt succeeded")
  }

  @Test(arguments: 0..<5 as Range<UInt64>)
  func `is led back to its old writer only when every reader has failed`(seed: UInt64) {
    let world = World(seed: seed)
    world.run(until: 20)
    for id in ["r1", "r2"] { world.engine(id).refusesToOpen = true }
    world.operate(.failover(target: "r2"))
    world.run(until: 80)
    #expect(world.outcomes == [.answered(.accepted)])
    let elected = world.events(CandidateElected.self).map(\.instance)
    #expect(elected == ["r2", "r1", "w"])
    #expect(world.selfStyledWriters == ["w"])
    #expect(world.answers.map(\.instance) == ["w"])
    #expect(
      world.rdsEvents(after: 20).filter {
        ["0069", "0070", "0071", "0073"].contains($0.dropFirst(10).prefix(4))
      } == [
        "RDS-EVENT-0073 shop Started cross AZ failover to DB instance: r2",
        "RDS-EVENT-0069 shop Failover to DB instance r2 failed. Check the health of the cluster's"
          + " instances.",
        "RDS-EVENT-0073 shop Started cross AZ failover to DB instance: r1",
        "RDS-EVENT-0069 shop Failover to DB instance r1 failed. Check the health of the cluster's"
          + " instances.",
        "RDS-EVENT-0070 shop Promoted the previous primary again: w",
        "RDS-EVENT-0071 shop Completed failover to DB instance: w",
      ])
  }

  @Test func `takes a dead reader out of the reader endpoint, and puts it back`() {
    let world = World()
    world.run(until: 20)
    world.host("r2").crash()
    world.run(until: 40)
    #expect(world.controlPlane.zone?.readerTargets(world.configuration) == ["r1"])
    world.host("r1").crash()
    world.run(until: 60)
    #expect(world.controlPlane.zone?.readerTargets(world.configuration) == ["w"])
    world.host("r2").boot()
    world.run(until: 80)
    #expect(world.controlPlane.zone?.readerTargets(world.configuration) == ["r2"])
    #expect(world.answers.map(\.instance) == ["w"])
  }

  @Test func `has a digest that its seed decides`() {
    func digest(_ seed: UInt64) -> String {
      let world = World(seed: seed)
      world.run(until: 20)
      world.host("w").crash()
      world.run(until: 40)
      return world.simulation.digest.hexadecimal
    }
    #expect(digest(3) == digest(3))
    #expect(digest(3) != digest(4))
  }
}

extension Zone {
  /// The instances that the reader endpoint names.
  func readerTargets(_ configuration: ClusterConfiguration) -> [String] {
    guard case .aliases(let names)? = record(named: configuration.names.reader)?.target else {
      return []
    }
    return names.compactMap { configuration.names.instance(named: $0) }
  }
}
