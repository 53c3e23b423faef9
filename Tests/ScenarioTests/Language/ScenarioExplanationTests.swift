import Foundation
import Scenarios
import Testing

@Suite struct `An explanation` {
  @Test func `says what the file leaves unsaid`() throws {
    let scenario = try Scenario(
      yaml: """
        borealis: 1
        name: probe
        claim: Something holds.
        run: { horizon: 3m, warmup: 10s, seeds: 1..3 }
        cluster:
          writer: { az: a }
          readers:
            - { id: r2, az: c, class: serverless, acu: 0.5..32, tier: 0 }
          volume: { write_quorum: 3 }
        clients:
          - { id: app, count: 2 }
          - { id: near, az: b, endpoint: r2 }
        workload:
          - { id: oltp, client: app, mix: pgbench-tpcb, arrivals: steps(0s=5/s 60s=50/s) }
          - { id: audits, client: near, mix: bank, concurrency: 4, think_time: 50ms, for: 60s }
        faults:
          - { id: late, after: down.end, sql: { on: writer, text: SELECT 1 } }
          - { id: gray, after: down.start + 15s, for: 9s, disk: { on: storage, stall: 1s, every: 4s } }
          - { id: down, at: 60s +- 5s, for: 30s, outage: { az: a } }
        claims:
          always: [single_writer]
          sometimes: [failover]
          eventually:
            - { after: faults.end, within: 60s, that: writes_ok and instances_ok }
        slo:
          - { metric: failover.client_seen, client: app, stat: p95, below: 30s, confidence: 95% }
          - { metric: oltp.latency, stat: p99, below: 80ms, window: outside_faults }
          - { metric: rpo.transactions, is: 0 }
        """, file: "probe.yaml")
    #expect(
      ScenarioExplanation(scenario).text
        == """
        probe: Something holds.

        Runs
          3 runs, seeds 1 to 3, each of 3m of virtual time; the first 10s are not measured

        Cluster
          w   writer in AZ a  db.r6g.large             tier 1
          r2  reader in AZ c  serverless, 0.5..32 ACU  tier 0
          volume: 2 protection groups of 6 copies on 12 storage nodes, written by 3, read by 3
          the quorums do not overlap: this volume can lose what it acknowledged

        Clients
          app: 2 hosts outside the AZs, driver plain, at the cluster endpoint; keeps names 5s, gives \
        up connecting after 3s and waiting after 10s
          near: 1 host in AZ b, driver plain, at instance r2; keeps names 5s, gives up connecting \
        after 3s and waiting after 10s

        Workload
          oltp    0s to 3m  app runs pgbench-tpcb  read committed  steps(0s=5/s, 1m=50/s) over 16 \
        connections
          audits  0s to 1m  near runs bank         read committed  4 sessions, thinking \
        constant(50ms)

        Timeline
          1m +- 5s   for 30s  down  AZ a loses power and network
          75s +- 5s  for 9s   gray  the disks of storage hang for 1s every 4s (15s after down.start)
          90s +- 5s  at once  late  writer is sent: SELECT 1 (at down.end)

        Claims
          always single_writer
          at least once failover
          writes_ok and instances_ok within 1m of faults.end

        Objectives
          failover.client_seen of app p95 below 30s, confidence 95%
          oltp.latency p99 below 80ms, outside faults
          rpo.transactions is 0

        Cost of a run
          about 10 438 transactions, 1 061 rows to load: 128.1 MiB of memory, 1.63 s of a processor

        """.replacingOccurrences(of: "10 438", with: "10\u{202F}438")
        .replacingOccurrences(of: "1 061", with: "1\u{202F}061"))
  }

  /// What a seed draws is a timeline like any other.
  @Test func `tells what chaos may do, and what it does under a seed`() throws {
    let scenario = try Scenario(
      yaml: """
        borealis: 1
        name: probe
        claim: Something holds.
        run: { horizon: 20s }
        cluster: { writer: { az: a } }
        clients: [{ id: app }]
        workload:
          - { id: bank, client: app, mix: bank, concurrency: 1 }
        chaos:
          window: 1s..15s
          budget: { copies_lost_per_group: 1, azs_down: 1 }
        """, file: "probe.yaml")
    let text = ScenarioExplanation(scenario).text
    #expect(text.contains("of a protection group away or damaged, and 1 AZ down\n"), "\(text)")
    #expect(text.contains("at one time at most 1 copy of"))
    let chaos = text.split(separator: "\n").filter { $0.hasPrefix("    ") }
    #expect(chaos.count > 2 && chaos.allSatisfy { $0.count <= 100 }, "\(text)")
    let drawn = ScenarioExplanation(scenario.unfolded(seed: 3)).text
    #expect(drawn.contains("\nTimeline\n") && !drawn.contains("\nChaos\n"), "\(drawn)")
  }
}
