import Simulation
import Testing

@testable import ControlPlane

@Suite struct `A failover, step by step` {
  private func expect(
    _ script: String, _ harness: FailoverScript = FailoverScript(),
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var harness = harness
    expectTranscript(script, sourceLocation: sourceLocation) { harness.run($0, $1) }
  }

  @Test func `goes from silence to a new writer in the name servers`() {
    expect(
      """
      0s hear w writer open epoch 1
      0s hear r1 reader open
      0s hear r2 reader open
      4.9s tick
      4.9s hear r1 reader open
      4.9s hear r2 reader open
      5s tick
        suspect w: silent since 0s
        failover from w
        elect r1, attempt 1
        record term 2 writer r1 endpoint w
      # Nobody hears of the term before it is durable, whatever happens meanwhile.
      5s tick
      5s hear r1 reader open
      5.1s recorded
        assign roles
        promotion sent to r1
      5.2s hear r1 writer recovering term 2
      5.3s hear w reader stopped term 2
        clear w
      5.9s hear r1 writer open term 2 epoch 2
        promoted r1, epoch 2
        record term 2 writer r1 endpoint r1
        publish
      6s published
        completed: r1, attempts 1
      6s published
      """)
  }

  @Test func `does not begin when the agent says that it is restarting its engine`() {
    expect(
      """
      0s hear w writer open
      0s hear r1 reader open
      1s hear w writer stopped
      2s hear w writer starting
      4s hear r1 reader open
      6s hear w writer recovering
      8s hear r1 reader open
      8s hear w writer open
      8s hear r2 reader open
      8s tick
      """)
  }

  @Test func `begins when the engine has been down for longer than patience`() {
    expect(
      """
      0s hear w writer open
      10s hear w writer stopped
      10s hear r1 reader open
      15s hear w writer starting
      20s hear w writer stopped
      25s hear w writer starting
      29s hear r1 reader open
      29.9s hear w writer starting
      29.9s tick
        suspect r2: silent since 0s
      30s tick
        suspect w: engineDown since 10s
        failover from w
        elect r1, attempt 1
        record term 2 writer r1 endpoint w
      """)
  }

  @Test func `is not caused by gaps shorter than the time-out`() {
    expect(
      """
      0s hear w writer open
      4.9s tick
      4.9s hear w writer open
      9.7s tick
      9.7s hear w writer open
      14.6s hear w writer open
      14.6s tick
      19.6s tick
        suspect w: silent since 14.6s
        failover from w
        nobody but w
      """, FailoverScript([World.Instance(id: "w", zone: "a")]))
  }

  @Test func `prefers the lower tier, then the larger class, then the order of creation`() {
    let instances = [
      World.Instance(id: "w", zone: "a", tier: 0),
      World.Instance(id: "r1", zone: "b", tier: 2, instanceClass: "db.r6g.16xlarge"),
      World.Instance(id: "r2", zone: "c", tier: 1),
      World.Instance(id: "r3", zone: "a", tier: 1, instanceClass: "db.r6g.2xlarge"),
      World.Instance(id: "r4", zone: "a", tier: 1, instanceClass: "db.r6g.2xlarge"),
    ]
    expect(
      """
      4s hear r1 reader open
      4s hear r2 reader open
      4s hear r3 reader open
      4s hear r4 reader open
      5s tick
        suspect w: silent since 0s
        failover from w
        elect r3, attempt 1, same zone
        record term 2 writer r3 endpoint w
      5s recorded
        assign roles
        promotion sent to r3
      # It dies: the next in line is its equal, then the smaller one, then the higher tier.
      8s hear r1 reader open
      8s hear r2 reader open
      8s hear r4 reader open
      9s tick
        suspect r3: silent since 4s
        attempt 1 with r3 failed
        elect r4, attempt 2, same zone
        record term 3 writer r4 endpoint w
      9s recorded
        assign roles
        promotion sent to r4
      12s hear r1 reader open
      12s hear r2 reader open
      13s tick
        suspect r4: silent since 8s
        attempt 2 with r4 failed
        elect r2, attempt 3
        record term 4 writer r2 endpoint w
      13s recorded
        assign roles
        promotion sent to r2
      16s hear r1 reader open
      17s tick
        suspect r2: silent since 12s
        attempt 3 with r2 failed
        elect r1, attempt 4
        record term 5 writer r1 endpoint w
      """, FailoverScript(instances))
  }

  @Test func `elects the writer that it replaces only when every reader has failed`() {
    expect(
      """
      4s hear w reader open
      4s hear r1 reader open
      4s hear r2 reader open
      4s fail over to r2
        planned failover from w
        elect r2, attempt 1
        record term 2 writer r2 endpoint w
      4s recorded
        assign roles
        promotion sent to r2
      # The old writer is as good as r1 by tier and class, and was created before it.
      20s hear w reader open term 2
      20s hear r1 reader open term 2
      20s hear r2 reader starting term 2
      24s tick
        attempt 1 with r2 failed
        elect r1, attempt 2
        record term 3 writer r1 endpoint w
      24s recorded
        assign roles
        promotion sent to r1
      40s hear w reader open term 3
      40s hear r1 reader starting term 3
      40s hear r2 reader open term 3
      44s tick
        attempt 2 with r1 failed
        elect w again, attempt 3
        record term 4 writer w endpoint w
      44s recorded
        assign roles
        promotion sent to w
      # It fails, too: everybody has another turn.
      60s hear w reader starting term 4
      60s hear r1 reader open term 4
      60s hear r2 reader starting term 4
      64s tick
        attempt 3 with w failed
        elect r1, attempt 4
        record term 5 writer r1 endpoint w
      """)
  }

  @Test func `passes over a reader that is suspected or not open`() {
    expect(
      """
      1s hear r1 reader open
      4s hear w writer open
      6s hear r2 reader open
      6s tick
        suspect r1: silent since 1s
      # One good heartbeat does not make it trusted.
      8.9s hear r1 reader open
      9s hear r2 reader open
      9s tick
        suspect w: silent since 4s
        failover from w
        elect r2, attempt 1
        record term 2 writer r2 endpoint w
      """)
  }

  @Test func `ignores tiers after five failed attempts`() {
    var timing = ClusterTiming()
    timing.promotionTimeout = .seconds(1)
    let instances = [
      World.Instance(id: "w", zone: "a"),
      World.Instance(id: "r1", zone: "b", tier: 0),
      World.Instance(id: "r2", zone: "c", tier: 1),
      World.Instance(id: "big", zone: "c", tier: 15, instanceClass: "db.r6g.16xlarge"),
    ]
    var harness = FailoverScript(instances, timing: timing)
    var elected: [String] = []
    var seconds = 0.0
    for _ in 0..<12 {
      let readers = ["r1", "r2", "big"].map { ["hear", $0, "reader", "open"] }
      for command in readers + [["tick"], ["recorded"]] {
        let lines = harness.run(.start + .seconds(rounding: seconds), command)
        elected += lines.filter { $0.hasPrefix("elect") }.compactMap { line in
          line.split(separator: " ").dropFirst().first.map { String($0.dropLast()) }
        }
      }
      seconds += seconds < 5 ? 5 : 1
    }
    // By tier, everybody having a turn; the eighth would be r2 if tiers still counted.
    #expect(elected.prefix(8) == ["r1", "r2", "big", "r1", "r2", "big", "r1", "big"])
  }

  @Test func `waits for the writer when there is nobody else`() {
    expect(
      """
      0s hear w writer open
      5s tick
        suspect w: silent since 0s
        failover from w
        nobody but w
      60s tick
      61s hear w reader stopped run 2 number 1 term 0
        clear w
      63s hear w writer recovering run 2 number 2
      64s hear w writer open run 2 number 3
        w is back
        publish
      64.1s published
      """, FailoverScript([World.Instance(id: "w", zone: "a")]))
  }

  @Test func `elects a reader that appears while nobody was there`() {
    expect(
      """
      0s hear w writer open
      5s tick
        suspect w: silent since 0s
        suspect r1: silent since 0s
        suspect r2: silent since 0s
        failover from w
        nobody but w
      9s hear r2 reader stopped term 0
        clear r2
        elect r2, attempt 1
        record term 2 writer r2 endpoint w
      """)
  }

  @Test func `gives an old writer that returns no say`() {
    expect(
      """
      0s hear w writer open epoch 1
      4s hear r1 reader open
      5s tick
        suspect w: silent since 0s
        suspect r2: silent since 0s
        failover from w
        elect r1, attempt 1
        record term 2 writer r1 endpoint w
      5s hear w writer open epoch 1
      5.1s recorded
        assign roles
        promotion sent to r1
      6s hear w writer open epoch 1
        clear w
      7s hear r1 writer open term 2 epoch 2
        promoted r1, epoch 2
        record term 2 writer r1 endpoint r1
        publish
      7s hear w writer open epoch 1
      7s published
        completed: r1, attempts 1
      8s hear w reader open term 2
      """)
  }

  @Test func `does not take a writer of an older term for the new one`() {
    expect(
      """
      0s hear w writer open
      4s hear r1 reader open
      5s tick
        suspect w: silent since 0s
        suspect r2: silent since 0s
        failover from w
        elect r1, attempt 1
        record term 2 writer r1 endpoint w
      5s recorded
        assign roles
        promotion sent to r1
      # It has obeyed the command, but its engine has not.
      5.1s hear r1 reader open term 2
      # It is the writer, but by an earlier election.
      5.2s hear r1 writer open term 1 epoch 2
      5.3s hear r1 writer open term 2 epoch 2
        promoted r1, epoch 2
        record term 2 writer r1 endpoint r1
        publish
      """)
  }

  @Test func `replaces a writer that speaks but is a reader`() {
    expect(
      """
      0s hear w writer open
      0s hear r1 reader open
      # Fenced, restarted as a reader, and deaf to the order to be the writer again.
      10s hear w reader open
      10s hear r1 reader open
      10s hear r2 reader open
      14s hear w reader open
      14s hear r1 reader open
      14s hear r2 reader open
      29s hear w reader open
      29s hear r1 reader open
      29s hear r2 reader open
      30s hear w reader open
        failover from w
        elect r1, attempt 1
        record term 2 writer r1 endpoint w
      """)
  }

  @Test func `begins again when the new writer is lost before the name servers know it`() {
    expect(
      """
      0s hear w writer open
      4s hear r1 reader open
      4s hear r2 reader open
      5s tick
        suspect w: silent since 0s
        failover from w
        elect r1, attempt 1
        record term 2 writer r1 endpoint w
      5s recorded
        assign roles
        promotion sent to r1
      6s hear r1 writer open term 2 epoch 2
        promoted r1, epoch 2
        record term 2 writer r1 endpoint r1
        publish
      10s hear r2 reader open term 2
      11s tick
        suspect r1: silent since 6s
        failover from r1
        elect r2, attempt 1
        record term 3 writer r2 endpoint r1
      """)
  }

  @Test func `goes on where a control plane that crashed had been`() {
    let topology = ClusterTopology(term: 7, writer: "r1", endpoint: "w")
    expect(
      """
      0.5s hear r1 writer recovering term 7
      0.5s hear r2 reader open term 7
      1s hear r1 writer open term 7 epoch 5
        promoted r1, epoch 5
        record term 7 writer r1 endpoint r1
        publish
      1.1s published
        completed: r1, attempts 1
      """, FailoverScript(topology: topology))
  }

  @Test func `is remembered by the instances when the control plane has forgotten it`() {
    expect(
      """
      0.2s hear r2 reader open term 7
        term remembered by r2
        record term 7 writer w endpoint w
      0.4s hear w reader open term 7
      0.9s hear r1 writer open term 7 epoch 9
        term remembered by r1
        record term 7 writer r1 endpoint r1
        assign roles
        publish
      """)
  }

  @Test func `is repeated under a new term when nobody remembers who was elected`() {
    expect(
      """
      0.2s hear r2 reader open term 7
        term remembered by r2
        record term 7 writer w endpoint w
      1s hear r1 reader open term 7
      5s tick
        suspect w: silent since 0s
      5.1s hear r1 reader open term 7
      5.2s hear r2 reader open term 7
        failover from w
        elect r1, attempt 1
        record term 8 writer r1 endpoint w
      """)
  }

  @Test func `is done for an operator only if there is somebody to promote`() {
    expect(
      """
      0s fail over
        invalidClusterState
      0s hear w writer open
      1s hear r1 reader open
      1s hear r2 reader starting
      1s fail over to r2
        invalidInstanceState
      1s fail over to w
        invalidInstanceState
      1s fail over
        planned failover from w
        elect r1, attempt 1
        record term 2 writer r1 endpoint w
      1s fail over
        invalidClusterState
      """)
  }

  @Test func `is not moved by heartbeats that were overtaken`() {
    expect(
      """
      1s hear w writer open number 5
      2s hear w writer stopped number 4
        ignored
      2s hear w writer open number 5
        ignored
      3s hear w writer stopped run 2 number 1
      4s hear w writer open run 1 number 9
        ignored
      4s hear stranger writer open
        ignored
      """)
  }
}
