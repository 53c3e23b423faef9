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
    #expect(world.events("control.zone_changed").last?.text("readers") == "r1,r2")
    #expect(
      world.events("rds.event").map { $0.text("id") }.filter { $0 == "RDS-EVENT-0005" }.count == 3)
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
    let detected = try #require(world.seconds("control.suspected"))
    #expect((24...25.1).contains(detected))
    let completed = try #require(world.seconds("control.failover_completed"))
    #expect(completed - detected < 1.2)
    #expect(world.answers.map(\.instance) == ["w", "r1"])
    let seen = try #require(world.answers.last?.instant.sinceStart.seconds)
    #expect(seen < completed + 5.2, "a client may believe the old answer for one TTL")
  }
}
