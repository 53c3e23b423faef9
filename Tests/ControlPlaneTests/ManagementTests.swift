import Simulation
import Testing

@testable import ControlPlane

@Suite struct `A call of the management API` {
  @Test func `makes the instance the writer that it names`() {
    let world = World()
    world.run(until: 20)
    world.operate(.failover(target: "r2"))
    world.run(until: 40)
    #expect(world.outcomes == [.answered(.accepted)])
    #expect(world.selfStyledWriters == ["r2"])
    #expect(world.answers.map(\.instance) == ["w", "r2"])
    #expect(world.engine("w").status?.role == .reader)
    world.operate(.failover(target: "r2"))
    world.run(until: 50)
    #expect(world.outcomes.last == .answered(.refused(.invalidInstanceState)))
  }

  @Test func `reboots an instance in its role`() {
    let world = World()
    world.run(until: 20)
    world.operate(.reboot("w"))
    world.run(until: 40)
    #expect(world.outcomes == [.answered(.accepted)])
    #expect(
      world.story(after: 20) == ["control.call_taken shop", "agent.engine_started w"])
    #expect(world.selfStyledWriters == ["w"])
    #expect(
      world.rdsEvents(after: 20) == [
        "RDS-EVENT-0004 w DB instance shut down.", "RDS-EVENT-0006 w DB instance restarted.",
      ])
  }

  @Test func `is refused as documented`() {
    let world = World(World.three + [World.Instance(id: "alone", zone: "a")])
    world.operate(.failover(target: nil))
    world.run(until: 1)
    #expect(world.outcomes == [.answered(.refused(.invalidClusterState))], "it is being created")
    world.run(until: 20)
    let capacity = ServerlessCapacity(halves: 2)...ServerlessCapacity(halves: 4)
    for call in [
      .failover(target: "nobody"), .failover(target: "w"), .reboot("nobody"),
      .setCapacity("w", capacity),
    ] as [ManagementRequest.Call] {
      world.operate(call)
      world.run(until: world.simulation.now.sinceStart.seconds + 1)
    }
    world.host("r2").crash()
    world.run(until: 40)
    world.operate(.reboot("r2"))
    world.run(until: 41)
    #expect(
      world.outcomes.dropFirst() == [
        .answered(.refused(.instanceNotFound)), .answered(.refused(.invalidInstanceState)),
        .answered(.refused(.instanceNotFound)),
        .answered(.refused(.invalidParameterCombination)),
        .answered(.refused(.invalidInstanceState)),
      ])
    #expect(
      world.story(after: 20).filter { $0 != "control.call_refused shop" }
        == ["control.suspected r2"], "what is refused is not done")
    #expect(
      world.events(ManagementCallRefused.self).map { "\($0.call) \($0.code)" }.dropFirst() == [
        "FailoverDBCluster DBInstanceNotFound", "FailoverDBCluster InvalidDBInstanceState",
        "RebootDBInstance DBInstanceNotFound", "ModifyDBCluster InvalidParameterCombination",
        "RebootDBInstance InvalidDBInstanceState",
      ])
  }

  @Test func `is refused while another failover is under way`() {
    let world = World()
    world.run(until: 20)
    world.engine("r1").refusesToOpen = true
    world.operate(.failover(target: "r1"))
    world.run(until: 22)
    world.operate(.failover(target: "r2"))
    world.run(until: 24)
    #expect(
      world.outcomes == [.answered(.accepted), .answered(.refused(.invalidClusterState))])
    #expect(world.events(FailoverStarted.self).count == 1)
  }

  @Test func `asks for nothing across a partition`() {
    let world = World()
    world.run(until: 20)
    let cut = world.simulation.network.partition(
      [world.client.id], from: [world.serviceHost.id], oneWay: false)
    world.operate(.failover(target: nil), timeout: .seconds(2))
    world.run(until: 24)
    world.simulation.network.heal(cut)
    world.run(until: 60)
    #expect(world.outcomes == [.unreachable(.timedOut)])
    #expect(world.story(after: 20) == [])
  }

  @Test func `finds nobody while the control plane is down`() {
    let world = World()
    world.run(until: 20)
    world.serviceHost.process(named: ControlPlane.programName)?.end()
    world.operate(.failover(target: nil))
    world.run(until: 60)
    #expect(world.outcomes == [.unreachable(.refused)])
    #expect(world.selfStyledWriters == ["w"])
  }

  @Test func `waits for a control plane that is paused, which does nothing meanwhile`() {
    let world = World()
    world.run(until: 20)
    let process = world.serviceHost.process(named: ControlPlane.programName)
    process?.pause()
    world.operate(.failover(target: "r1"), timeout: .seconds(1))
    world.operate(.failover(target: "r1"), timeout: .seconds(30))
    world.run(until: 23)
    #expect(world.outcomes == [.unanswered(.timedOut)])
    #expect(world.events(FailoverStarted.self).isEmpty)
    process?.resume()
    world.run(until: 40)
    // The first of them had gone away, and its bytes with it.
    #expect(world.outcomes == [.unanswered(.timedOut), .answered(.accepted)])
    #expect(world.selfStyledWriters == ["r1"])
  }

  @Test func `is not taken for accepted when its answer is lost`() {
    let world = World()
    world.run(until: 20)
    let process = world.serviceHost.process(named: ControlPlane.programName)
    process?.pause()
    world.operate(.failover(target: "r1"))
    world.run(until: 21)
    process?.end()
    world.run(until: 60)
    #expect(world.outcomes == [.unanswered(.reset)])
    #expect(world.selfStyledWriters == ["w"])
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `is brought about once it was accepted, though the control plane crashes at once`(
    seed: UInt64
  ) {
    for call in [.failover(target: "r1"), .reboot("w")] as [ManagementRequest.Call] {
      let world = World(seed: seed)
      world.run(until: 20)
      world.operate(call)
      while world.outcomes.isEmpty {
        world.run(until: world.simulation.now.sinceStart.seconds + 0.000_05)
      }
      world.serviceHost.crash()
      world.run(until: 22)
      world.serviceHost.boot()
      world.run(until: 60)
      #expect(world.outcomes == [.answered(.accepted)])
      if case .reboot = call {
        #expect(world.engine("w").starts == 2, "once, and not again and again")
        #expect(world.selfStyledWriters == ["w"])
      } else {
        #expect(world.selfStyledWriters == ["r1"])
      }
    }
  }

  @Test func `reaches an agent that was restarted before it heard of the reboot`() {
    let world = World()
    world.run(until: 20)
    let cut = world.simulation.network.partition(
      [world.serviceHost.id], from: [world.host("r1").id], oneWay: true)
    world.operate(.reboot("r1"))
    world.run(until: 21)
    world.host("r1").process(named: HostAgent.programName)?.end()
    world.run(until: 23)
    #expect(world.engine("r1").starts == 1)
    world.simulation.network.heal(cut)
    world.run(until: 40)
    #expect(world.engine("r1").starts == 2)
  }

  static let requests: [ManagementRequest] = [
    ManagementRequest(cluster: "shop", .failover(target: nil)),
    ManagementRequest(cluster: "shop", .failover(target: "r1")),
    ManagementRequest(cluster: "s", .reboot("w")),
    ManagementRequest(
      cluster: "shop",
      .setCapacity("w", ServerlessCapacity(halves: 1)...ServerlessCapacity(halves: 9))),
  ]

  @Test(arguments: requests)
  func `comes out as it went in, however its bytes are cut`(_ request: ManagementRequest) throws {
    let bytes = request.encoded()
    for cut in bytes.indices {
      var frame = ManagementFrame()
      #expect(try frame.append(Array(bytes[..<cut]), ManagementRequest.init(from:)) == nil)
      #expect(try frame.append(Array(bytes[cut...]), ManagementRequest.init(from:)) == request)
    }
  }

  @Test(arguments: requests)
  func `is no message when any bit is wrong`(_ request: ManagementRequest) {
    let bytes = request.encoded()
    for offset in bytes.indices {
      var damaged = bytes
      damaged[offset] ^= 1 << UInt8(offset % 8)
      var frame = ManagementFrame()
      // A length that has grown waits for more, in vain.
      #expect((try? frame.append(damaged, ManagementRequest.init(from:))) ?? nil == nil)
    }
  }
}
