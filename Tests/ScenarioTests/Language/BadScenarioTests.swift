import Scenarios
import Testing

/// A small scenario that is right, to be broken in one place at a time.
private let good = """
  borealis: 1
  name: probe
  claim: Something holds.
  run: { horizon: 3m, warmup: 10s, seeds: 1..3 }
  cluster:
    writer: { id: w, az: a }
    readers:
      - { id: r1, az: b, tier: 0 }
      - { id: r2, az: c, class: serverless, acu: 0.5..32 }
  clients:
    - { id: app, driver: plain }
  workload:
    - { id: oltp, client: app, mix: pgbench-tpcb, arrivals: poisson(50/s) }
  faults:
    - { id: down, at: 60s, for: 30s, outage: { az: a } }
    - { id: next, after: down.start + 15s, crash: { on: r1 } }
  claims:
    always: [single_writer]
    eventually:
      - { after: faults.end, within: 60s, that: writes_ok }
  slo:
    - { metric: failover.client_seen, client: app, stat: p95, below: 30s }

  """

/// What a fault can be.
private let keywords =
  "crash, pause, kill_loop, host_crash, host_loss, torn_write, rolling_restart,"
  + " outage, power_loss, partition, isolate, reset, flap, delay, loss, duplicate,"
  + " reorder, corrupt, clog, swizzle, disk, disk_full, lost_fsync, bit_rot,"
  + " misdirected_write, misdirected_read, disk_loss, cpu, memory, bandwidth,"
  + " connection_storm, clock, dns, sql, api"

/// What is wrong, how to break `good` so, and the whole message.
private struct Mistake: Sendable, CustomTestStringConvertible {
  let name: String
  let from: String
  let to: String
  let message: String

  init(_ name: String, _ from: String, _ to: String, _ message: String) {
    (self.name, self.from, self.to, self.message) = (name, from, to, message)
  }

  var testDescription: String { name }
}

private let faultKeys = "id, at, after, for, may_miss, every, times, until, ramp, \(keywords)"
private let targets =
  "writer, reader, readers, instances, storage, agents, control-plane, name-server, clients, az-a,"
  + " az-b, az-c, w, r1, r2, app"

private let mistakes = [
  Mistake(
    "an unknown key", "at: 60s", "att: 60s",
    "bad.yaml:15:17: faults[0].att: unknown key; did you mean 'at'? known here: \(faultKeys)"),
  Mistake(
    "an unknown key like no other", "run:", "colour: blue\nrun:",
    "bad.yaml:4:1: colour: unknown key; known here: borealis, extends, name, claim, run, cluster,"
      + " network, disk, clients, workload, faults, chaos, claims, slo"),
  Mistake(
    "a missing unit", "horizon: 3m", "horizon: 180",
    "bad.yaml:4:17: run.horizon: expected a duration with its unit (ns, us, ms, s, m, h), such as"
      + " 250ms, and at most 8760h, not '180'"),
  Mistake(
    "an unknown unit", "warmup: 10s", "warmup: 10sec",
    "bad.yaml:4:29: run.warmup: expected a duration with its unit (ns, us, ms, s, m, h), such as"
      + " 250ms, and at most 8760h, not '10sec'"),
  Mistake(
    "a rate without a unit", "poisson(50/s)", "poisson(50)",
    "bad.yaml:13:59: workload[0].arrivals: expected poisson(800/s), uniform(100/s) or"
      + " steps(0s=100/s, 60s=800/s) with rising times from 0s, not 'poisson(50)'"),
  Mistake(
    "an unknown reader as target", "on: r1", "on: r9",
    "bad.yaml:16:55: faults[1].crash.on: no target is called 'r9'; did you mean 'r1'? known here:"
      + " \(targets)"),
  Mistake(
    "an AZ that does not exist", "on: r1", "on: \"storage@d[0]\"",
    "bad.yaml:16:55: faults[1].crash.on: expected storage@ followed by an AZ, which is one of a, b,"
      + " c, not 'storage@d[0]'"),
  Mistake(
    "a storage node that does not exist", "on: r1", "on: \"storage@b[4]\"",
    "bad.yaml:16:55: faults[1].crash.on: expected storage@b[n] with n from 0 to 3, not"
      + " 'storage@b[4]'"),
  Mistake(
    "a target of the wrong kind", "on: r1", "on: app",
    "bad.yaml:16:55: faults[1].crash.on: expected database instances, storage nodes, agents,"
      + " control-plane or name-server, not 'app'"),
  Mistake(
    "the agent of nobody", "on: r1", "on: agent@r9",
    "bad.yaml:16:55: faults[1].crash.on: expected agent@ followed by writer, reader, readers or an"
      + " instance, not 'agent@r9'"),
  Mistake(
    "agents in an AZ that does not exist", "on: r1", "on: agents@d",
    "bad.yaml:16:55: faults[1].crash.on: expected agents@ followed by an AZ, which is one of a, b,"
      + " c, not 'agents@d'"),
  Mistake(
    "an agent counted like a storage node", "on: r1", "on: \"agents@b[0]\"",
    "bad.yaml:16:55: faults[1].crash.on: expected agents@b, not 'agents@b[0]'"),
  Mistake(
    "an agent where a host is meant", "crash: { on: r1 }", "host_crash: { on: agents }",
    "bad.yaml:16:60: faults[1].host_crash.on: expected database instances, storage nodes, an AZ,"
      + " control-plane or name-server, not 'agents'"),
  Mistake(
    "an agent on one side of a link", "crash: { on: r1 }",
    "for: 1s, partition: { between: [agent@w, control-plane] }",
    "bad.yaml:16:74: faults[1].partition.between[0]: expected hosts: an agent has none to itself;"
      + " name its instance, not 'agent@w'"),
  Mistake(
    "an unknown client", "client: app, mix", "client: ap, mix",
    "bad.yaml:13:25: workload[0].client: no client is called 'ap'; did you mean 'app'? known here:"
      + " app"),
  Mistake(
    "an unknown workload in a metric", "metric: failover.client_seen, client: app,",
    "metric: oltb.latency,",
    "bad.yaml:22:15: slo[0].metric: no metric is called 'oltb.latency'; did you mean"
      + " 'oltp.latency'? known here: failover.client_seen, failover.count, rpo.transactions,"
      + " rpo.bytes, rpo.time, lag, lag.w, lag.r1, lag.r2, oltp.latency, oltp.throughput,"
      + " oltp.errors, oltp.unserved, oltp.connections.attempts, oltp.connections.refused,"
      + " oltp.connections.timed_out, oltp.connections.broken, oltp.connect_time, acu, acu.r2"),
  Mistake(
    "an unknown fault as anchor", "after: down.start", "after: dwon.start",
    "bad.yaml:16:24: faults[1].after: no fault is called 'dwon'; did you mean 'down'? known here:"
      + " down, next"),
  Mistake(
    "an unknown mix", "mix: pgbench-tpcb", "mix: pgbench",
    "bad.yaml:13:35: workload[0].mix: no mix is called 'pgbench'; known here: pgbench-tpcb, bank,"
      + " list-append, counters, savepoints, registry, batches, definitions, reports,"
      + " impatient"),
  Mistake(
    "an unknown invariant", "[single_writer]", "[single_writers]",
    "bad.yaml:18:12: claims.always[0]: no invariant is called 'single_writers'; did you mean"
      + " 'single_writer'? known here: no_acknowledged_commit_lost, single_writer, copies_agree,"
      + " bank_total_constant, isolation: read committed, isolation: repeatable read, isolation:"
      + " serializable, rolled_back_leaves_nothing, tpcb_sums_agree, no_lost_update,"
      + " partial_rollback_exact, unique_keys_hold, indexes_agree_with_tables,"
      + " large_transactions_whole, errors_are_explained, terms_are_unique,"
      + " endpoint_follows_writer, failover_is_prompt, definitions_are_atomic, structures_sound,"
      + " caches_agree, nothing_is_left_over, snapshots_stand_still,"
      + " answers_hold, names_are_fresh"),
  Mistake(
    "an unknown situation", "always: [single_writer]", "sometimes: [fail_over]",
    "bad.yaml:18:15: claims.sometimes[0]: no situation is called 'fail_over'; did you mean"
      + " 'failover'? known here: failover, writer_restart, reader_restart, writer_fenced,"
      + " commit_in_doubt, call_refused, scale_up, scale_down"),
  Mistake(
    "a fault at the horizon", "at: 60s", "at: 3m",
    "bad.yaml:15:21: faults[0].at: it would start at 3m, which is not before the horizon of 3m"),
  Mistake(
    "a fault after the horizon", "down.start + 15s", "down.start + 10m",
    "bad.yaml:16:24: faults[1].after: it would start at 11m, which is not before the horizon of"
      + " 3m"),
  Mistake(
    "a fault that ends beyond the horizon", "for: 30s", "for: 3m",
    "bad.yaml:15:31: faults[0].for: it would end at 4m, after the horizon of 3m"),
  Mistake(
    "a fault whose jitter reaches beyond the horizon", "at: 60s", "at: 170s +- 20s",
    "bad.yaml:15:21: faults[0].at: it would start at the latest at 190s, which is not before the"
      + " horizon of 3m"),
  Mistake(
    "a fault that jitter moves before the start", "at: 60s", "at: 60s +- 61s",
    "bad.yaml:15:21: faults[0].at: its jitter can put it before the start of the run"),
  Mistake(
    "faults that wait for one another", "at: 60s", "after: next.end",
    "bad.yaml:15:24: faults[0].after: it waits for itself: down, next, down"),
  Mistake(
    "a fault without a kind", ", crash: { on: r1 }", "",
    "bad.yaml:16:5: faults[1]: expected exactly one of \(keywords), not none"),
  Mistake(
    "a fault of two kinds", "crash: { on: r1 }", "crash: { on: r1 }, isolate: { on: r1 }",
    "bad.yaml:16:5: faults[1]: expected exactly one of \(keywords), not crash and isolate"),
  Mistake(
    "an outage without an end", "for: 30s, ", "",
    "bad.yaml:15:5: faults[0].for: required, but missing"),
  Mistake(
    "an id taken by another instance", "id: r2", "id: r1",
    "bad.yaml:9:13: cluster.readers[1].id: 'r1' is already the id of cluster.readers[0]; ids are"
      + " unique"),
  Mistake(
    "an id taken by another fault", "id: next", "id: down",
    "bad.yaml:16:11: faults[1].id: 'down' is already the id of faults[0]; ids are unique"),
  Mistake(
    "an id with a meaning", "id: app,", "id: storage,",
    "bad.yaml:11:11: clients[0].id: 'storage' has a meaning of its own and cannot be an id"),
  Mistake(
    "an id in capitals", "id: app,", "id: App,",
    "bad.yaml:11:11: clients[0].id: expected an id of lower-case letters, digits, _ and -, such as"
      + " r1, not 'App'"),
  Mistake(
    "a repeated key", "driver: plain", "id: two",
    "bad.yaml:11:7: 'id' is set more than once in one mapping; this is the first time"),
  Mistake(
    "a missing key", "claim: Something holds.\n", "",
    "bad.yaml:1:1: claim: required, but missing"),
  Mistake(
    "a missing capacity", ", acu: 0.5..32", "",
    "bad.yaml:9:7: cluster.readers[1].acu: required, but missing"),
  Mistake(
    "a capacity off the steps", "0.5..32", "0.7..32",
    "bad.yaml:9:48: cluster.readers[1].acu: expected a range low..high, low not above high, of which each end is a"
      + " capacity in steps of 0.5 from 0.5 to 256 ACU, such as 8, not '0.7..32'"),
  Mistake(
    "a capacity where none belongs", "id: r1, az: b, tier: 0", "id: r1, az: b, acu: 1..2",
    "bad.yaml:8:29: cluster.readers[0].acu: only an instance of class serverless has a capacity"),
  Mistake(
    "a class that Aurora does not have", "id: w, az: a", "id: w, az: a, class: db.r6g.larg",
    "bad.yaml:6:34: cluster.writer.class: expected serverless or an instance class that Aurora has,"
      + " such as db.r6g.large, not 'db.r6g.larg'"),
  Mistake(
    "an id that a host of the run has", "id: w,", "id: storage-a0,",
    "bad.yaml:6:17: cluster.writer.id: 'storage-a0' has a meaning of its own and cannot be an id"),
  Mistake(
    "a tier out of range", "tier: 0", "tier: 16",
    "bad.yaml:8:30: cluster.readers[0].tier: expected a value from 0 to 15, not '16'"),
  Mistake(
    "a list where a mapping belongs", "{ id: w, az: a }", "[w, a]",
    "bad.yaml:6:11: cluster.writer: expected a mapping with the keys id, az, class, acu, tier, not a"
      + " list"),
  Mistake(
    "a text where a list belongs", "[single_writer]", "single_writer",
    "bad.yaml:18:11: claims.always: expected a list, not 'single_writer'"),
  Mistake(
    "nothing where a value belongs", "[single_writer]", "",
    "bad.yaml:18:10: claims.always: expected a list, not nothing"),
  Mistake(
    "a driver of the future", "driver: plain", "driver: aws-wrapper",
    "bad.yaml:11:24: clients[0].driver: 'aws-wrapper' is not supported yet; supported: plain"),
  Mistake(
    "an anchor of the future", "at: 60s", "when: \"lag(r2) > 500ms\"",
    "bad.yaml:15:17: faults[0].when: 'when' is not supported yet; supported: \(faultKeys)"),
  Mistake(
    "another version", "borealis: 1", "borealis: 2",
    "bad.yaml:1:11: borealis: expected 1, the version of the language, not '2'"),
  Mistake(
    "a claim with nothing to judge it by", "[single_writer]", "[bank_total_constant]",
    "bad.yaml:18:12: claims.always[0]: no workload has the mix bank, so nothing would be checked"),
  Mistake(
    "a claim that the run is too short for", "within: 60s", "within: 2m",
    "bad.yaml:20:7: claims.eventually[0]: it could come true as late as 210s, after the horizon of"
      + " 3m"),
  Mistake(
    "a bound in the wrong unit", "below: 30s", "below: 30/s",
    "bad.yaml:22:68: slo[0].below: expected a duration with its unit (ns, us, ms, s, m, h), such as"
      + " 250ms, and at most 8760h, not '30/s'"),
  Mistake(
    "a metric without a statistic", "stat: p95, ", "",
    "bad.yaml:22:5: slo[0].stat: required, but missing"),
  Mistake(
    "a writing workload at the reader endpoint", "driver: plain", "endpoint: reader",
    "bad.yaml:13:25: workload[0].client: 'app' connects to the reader endpoint, but pgbench-tpcb"
      + " writes"),
  Mistake(
    "a parameter of another mix", "arrivals:", "accounts: 10, arrivals:",
    "bad.yaml:13:59: workload[0].accounts: it belongs to the mix bank, not to pgbench-tpcb"),
  Mistake(
    "a call with a comma in braces", "poisson(50/s)", "steps(0s=1/s, 5s=2/s)",
    "bad.yaml:13:59: not YAML: 'steps(0s=1/s' was cut off at a comma; inside { } and [ ] put such a"
      + " value in quotes, or leave out its commas"),
  Mistake(
    "a confidence in an extreme", "stat: p95, below: 30s", "stat: max, below: 30s, confidence: 95%",
    "bad.yaml:22:85: slo[0].confidence: many runs tell of a quantile or a mean, not of the max of all"
      + " that there might be; use p50 to p99.9 or mean, or leave out 'confidence'"),
  Mistake(
    "a confidence in an equality", "below: 30s", "is: 30s, confidence: 95%",
    "bad.yaml:22:82: slo[0].confidence: samples show that a value is below or above a bound, and never"
      + " that it 'is' one"),
  Mistake(
    "a confidence in what a run has once",
    "failover.client_seen, client: app, stat: p95, below: 30s",
    "failover.count, below: 2, confidence: 95%",
    "bad.yaml:22:53: slo[0].confidence: a run has one value of failover.count, which is within the bound"
      + " in every run or the scenario fails; leave out 'confidence'"),
  Mistake(
    "brackets in braces", "on: r1", "on: storage@b[1]",
    "bad.yaml:16:64: not YAML: while parsing a flow mapping, did not find expected ',' or '}';"
      + " inside { } and [ ] put text with brackets in quotes"),
]

@Suite struct `A bad scenario` {
  @Test func `is bad only because of the mistake`() throws {
    _ = try Scenario(yaml: good, file: "good.yaml")
  }

  @Test(arguments: mistakes)
  fileprivate func `gives one clear error`(mistake: Mistake) throws {
    try #require(good.contains(mistake.from), "the mistake is not planted")
    let range = try #require(good.firstRange(of: mistake.from))
    let bad = good.replacingCharacters(in: range, with: mistake.to)
    let error = #expect(throws: ScenarioError.self) {
      _ = try Scenario(yaml: bad, file: "bad.yaml")
    }
    #expect(error?.description == mistake.message)
  }

  @Test(arguments: ["", "\n\n", "# only a comment\n", "---\n", "~"])
  func `may be empty`(yaml: String) {
    let error = #expect(throws: ScenarioError.self) {
      _ = try Scenario(yaml: yaml, file: "bad.yaml")
    }
    #expect(
      error?.description
        == "bad.yaml:1:1: expected a scenario, which begins with 'borealis: 1', not an empty file")
  }

  @Test(arguments: [
    (
      "run: { horizon: 3m",
      "bad.yaml:2:1: not YAML: while parsing a flow mapping, did not find expected ',' or '}';"
        + " inside { } and [ ] put text with brackets in quotes"
    ),
    ("a: b: c\n", "bad.yaml:1:5: not YAML: mapping values are not allowed in this context"),
    ("a: 1\n\u{7}", "bad.yaml:2:1: not YAML: control characters are not allowed"),
    (
      "a: 1\n---\nb: 2\n",
      "bad.yaml:2:1: not YAML: expected a single document in the stream, but found another document"
    ),
    (
      "borealis",
      "bad.yaml:1:1: expected a mapping with the keys borealis, extends, name, claim, run, cluster,"
        + " network, disk, clients, workload, faults, chaos, claims, slo, not 'borealis'"
    ),
  ])
  func `may be no YAML, or not a scenario`(yaml: String, message: String) {
    let error = #expect(throws: ScenarioError.self) {
      _ = try Scenario(yaml: yaml, file: "bad.yaml")
    }
    #expect(error?.description == message)
  }
}

extension String {
  fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
    String(self[..<range.lowerBound]) + text + self[range.upperBound...]
  }
}
