import Foundation
import Reports
import Scenarios
import Simulation
import Testing

@Suite struct `The report of a run` {
  private static func page(_ result: RunResult) -> String { HTMLReport(result).markup }

  private static func file(_ name: String, of result: RunResult) -> String {
    ReportWriter(result).files.first { $0.name == name }?.contents ?? ""
  }

  // MARK: Bytes

  @Test func `has the same bytes for equal results`() throws {
    for result in [SampleResult.passing, SampleResult.failing] {
      let saved = try JSONEncoder().encode(result)
      let loaded = try JSONDecoder().decode(RunResult.self, from: saved)
      #expect(loaded == result)
      let (one, two) = (ReportWriter(result).files, ReportWriter(loaded).files)
      #expect(one.map(\.name) == two.map(\.name))
      #expect(one.map(\.contents) == two.map(\.contents))
    }
  }

  /// The planted defects of a report: a part of the result that the page does not show.
  @Test func `shows every part of the result`() {
    let changes: [(name: String, change: (inout RunResult) -> Void)] = [
      ("scenario", { $0.scenario = "other" }), ("file", { $0.scenarioFile = "other.yaml" }),
      ("claim", { $0.claim = "Other." }), ("seed", { $0.seed = 8 }),
      ("build", { $0.build = "other" }), ("engine", { $0.engine = "aurora-mysql" }),
      ("warm-up", { $0.warmUp = .seconds(20) }), ("verdict", { $0.verdict = .nondeterministic }),
      ("reasons", { $0.reasons = ["because"] }), ("digest", { $0.digest = "00" }),
      ("event count", { $0.eventCount += 1 }), ("claims", { $0.claims[1].passed = false }),
      ("evidence", { $0.claims[1].evidence = "none" }),
      ("objectives", { $0.objectives[1].observed = .count(3) }),
      ("violations", { $0.violations = SampleResult.failing.violations }),
      ("victims", { $0.faults[0].victims.removeLast() }),
      ("effect", { $0.faults[0].tookEffect = false }),
      ("failover", { $0.failovers[0].newWriter = "r2" }),
      ("outage", { $0.failovers[0].outages.removeLast() }),
      ("lost", { $0.recoveryPoint.lostCount = 1 }),
      ("in doubt", { $0.recoveryPoint.inDoubtSurvivingCount += 1 }),
      ("commits", { $0.workloads[0].committed += 1 }),
      ("errors", { $0.workloads[0].errors[0].count += 1 }),
      ("latency", { $0.workloads[2].latency.p95 = .seconds(9) }),
      ("latency without an answer", { $0.workloads[2].latency.unanswered = 3_000 }),
      ("latency in a window", { $0.workloads[0].windows[1].latency.p50 = .seconds(9) }),
      ("unserved", { $0.workloads[0].unserved = 5 }), ("omitted", { $0.workloads[1].omitted = 7 }),
      ("connections", { $0.workloads[0].connections.timedOut += 1 }),
      ("obstacle", { $0.failovers[0].outages[1] = SampleResult.failing.failovers[0].outages[1] }),
      ("role", { $0.instances[2].roles[0].role = .down }),
      ("lag", { $0.lag[0].lag.max = .seconds(9) }),
      ("capacity", { $0.capacity[0].capacitySeconds += 1 }),
      ("meters", { $0.meters[2].measured += 1 }),
      ("committed series", { $0.series.workloads[1].committed[100] += 40 }),
      ("error series", { $0.series.workloads[1].errors[100] += 4 }),
      ("latency series", { $0.series.workloads[1].p50[100] = .milliseconds(30) }),
      ("lag series", { $0.series.lag[1].highest[100] = .seconds(3) }),
      ("CPU series", { $0.series.instances[1].processorUse[100] = 0.9 }),
      ("ACU series", { $0.series.instances[2].capacity[100] = 1 }),
      ("events", { $0.events[3].text = "nothing" }),
    ]
    let before = Self.page(SampleResult.passing)
    for (name, change) in changes {
      var result = SampleResult.passing
      change(&result)
      #expect(Self.page(result) != before, "\(name) is missing on the page")
    }
  }

  // MARK: The page

  @Test func `leads with the claim, the verdict and how to replay it`() {
    let page = Self.page(SampleResult.passing)
    for part in [
      "<title>pass: az-outage, seed 7</title>", "<span class=\"verdict pass\">pass</span>",
      "<h1>Losing the writer&#39;s AZ loses no commit, and clients write again within 30 s at p95.</h1>",
      "borealis run Scenarios/failover/az-outage.yaml --seed 7", SampleResult.passing.digest,
    ] { #expect(page.contains(part), "\(part)") }
  }

  @Test func `quotes a file whose name a shell would take apart`() {
    var result = SampleResult.passing
    for (file, word) in [
      ("my runs/a.yaml", "'my runs/a.yaml'"), ("it's.yaml", #"'it'\''s.yaml'"#),
      ("$x;y.yaml", "'$x;y.yaml'"), ("größe-1.yaml", "größe-1.yaml"),
    ] {
      result.scenarioFile = file
      #expect(result.replayCommand == "borealis run \(word) --seed 7")
    }
  }

  @Test func `keeps wide tables to themselves on a narrow screen`() {
    let page = Self.page(SampleResult.failing)
    let tables = page.ranges(of: "<table").count
    #expect(
      tables > 5 && page.ranges(of: "<div class=\"scroll\" tabindex=\"0\"><table").count == tables)
  }

  @Test func `has landmarks, captions and headers that a screen reader finds`() {
    for result in [SampleResult.passing, SampleResult.failing] {
      let page = Self.page(result)
      #expect(page.ranges(of: "<main>").count == 1 && page.contains("<html lang=\"en\">"))
      let tables = page.ranges(of: "<table").count
      #expect(page.ranges(of: "<caption>").count == tables, "a table without a caption")
      let rows = page.ranges(of: "<tr>").count - tables
      #expect(page.ranges(of: "<th scope=\"row\"").count == rows, "a row without a header")
      #expect(!page.contains("<th>") && !page.contains("<th class"))
      #expect(page.ranges(of: "role=\"img\" aria-label=").count == page.ranges(of: "<svg ").count)
      #expect(page.contains("<h2>Assumptions and limits of the model</h2>"))
      #expect(page.contains("<h2>Before, during and after</h2>"))
    }
  }

  @Test func `draws bounds into the charts, and the time around the fault once more`() {
    var result = SampleResult.passing
    result.objectives.append(
      ObjectiveResult(
        metric: "oltp.latency", statistic: "p99", window: "", comparison: .below,
        bound: .duration(.milliseconds(80)), observed: .duration(.milliseconds(12)), passed: true))
    let page = Self.page(result)
    #expect(page.contains(">oltp.latency p99 below 80.0 ms</text>"))
    #expect(page.contains("<figure class=\"zoom\">") && page.contains("around the longest outage"))
    result.failovers = []
    #expect(Self.page(result).contains("around the first fault"))
    result.faults = []
    let calm = Self.page(result)
    #expect(!calm.contains("class=\"zoom\"") && !calm.contains("<h2>Before, during and after</h2>"))
  }

  @Test func `needs no other file and no network`() {
    for result in [SampleResult.passing, SampleResult.failing] {
      let page = Self.page(result).split(separator: "http://www.w3.org/2000/svg")
        .joined()  // The name of SVG, which nobody fetches.
      for word in ["http", "src=", "href", "@import", "<link", "<iframe"] {
        #expect(!page.contains(word), "\(word)")
      }
      #expect(page.split(separator: "url(").dropFirst().allSatisfy { $0.hasPrefix("#starting") })
    }
  }

  @Test func `closes every element that it opens`() {
    let voids = ["meta", "line", "br", "!DOCTYPE"]
    for result in [
      SampleResult.passing, SampleResult.failing, SampleResult.crowded, Self.empty,
    ] {
      var open: [Substring] = []
      var page = Self.page(result)[...]
      while let start = page.firstIndex(of: "<"), let end = page[start...].firstIndex(of: ">") {
        let tag = page[page.index(after: start)..<end]
        page = page[page.index(after: end)...]
        let name = tag.prefix { $0 != " " && $0 != "\n" }
        if name.hasPrefix("/") {
          #expect(open.popLast() == name.dropFirst())
        } else if name == "script" {
          page = page[(page.range(of: "</script>")?.upperBound ?? page.endIndex)...]
        } else if !tag.hasSuffix("/"), !voids.contains(String(name)) {
          open.append(name)
        }
      }
      #expect(open.isEmpty)
    }
  }

  @Test func `takes no text for markup`() {
    var result = SampleResult.passing
    result.claim = "<script>alert(1)</script>"
    result.faults[0].id = "a<b>&\"c\""
    result.events[0].text = "<i>x</i>"
    let page = Self.page(result)
    #expect(!page.contains("<script>alert") && !page.contains("a<b>") && !page.contains("<i>x"))
    #expect(page.contains("a&lt;b&gt;&amp;&quot;c&quot;"))
  }

  @Test func `says what is wrong with a run that failed`() {
    let page = Self.page(SampleResult.failing)
    for part in [
      "<span class=\"verdict fail\">fail</span>", "fault &#39;gray&#39; was not seen to act",
      "(had no effect)", "INV-1 no acknowledged commit is lost",
      "T0 read list 1 as [], without the 1 that T1 appended", "client 1, transaction 4012",
      "did not end", "no commit again", "✗ fail", "? unknown",
    ] { #expect(page.contains(part), "\(part)") }
  }

  /// A run that was broken off at once has neither series nor instances.
  private static let empty = RunResult(
    scenario: "empty", scenarioFile: "empty.yaml", claim: "Nothing happens.", seed: 0)

  @Test func `can be made of a run in which nothing happened`() {
    let page = Self.page(Self.empty)
    #expect(page.contains("<span class=\"verdict unknown\">unknown</span>"))
    #expect(!page.contains("nan") && !page.contains("inf\""))
    #expect(!page.contains("<h2>Failovers</h2>") && !page.contains("<h2>Faults</h2>"))
    #expect(page.contains("it is not known what survived") && !page.contains("0 lost"))
    #expect(!TerminalSummary(Self.empty, report: "r").text.isEmpty)
  }

  // MARK: Tables

  @Test func `has tables with a header, units and equal lines`() {
    let headers = [
      "summary.csv": "scenario,seed,metric,subject,statistic,value,unit",
      "claims.csv": "kind,name,statistic,window,bound,observed,result,evidence,decided_s",
      "series.csv":
        "time_s,workload,committed_per_s,errors_per_s,latency_p50_ms,latency_p99_ms,waiting,oldest_ms,"
        + "connects_per_s,connects_refused_per_s,connects_timed_out_per_s",
      "lag.csv": "time_s,reader,lag_max_ms",
      "instances.csv": "time_s,instance,role,cpu_ratio,capacity_acu",
      "failovers.csv":
        "failover,kind,fault,cause_s,old_writer,new_writer,client,begin_s,first_commit_s,outage_ms,"
        + "detect_ms,elect_ms,fence_and_recover_ms,open_ms,name_moved_ms,client_notices_ms,"
        + "name_look_up_ms,name_cached_ms,connect_attempts_ms,log_in_ms,first_commit_ms,"
        + "no_request_ms,obstacle",
      "faults.csv":
        "fault,kind,targets,victims,planned_start_s,planned_end_s,start_s,acted_s,end_s,took_effect,"
        + "evidence",
      "meters.csv": "resource,meter,unit,measured,run",
    ]
    let files = ReportWriter(SampleResult.passing).files
    #expect(files.map(\.name).first == "report.html")
    #expect(files.count == headers.count + 1)
    for file in files.dropFirst() {
      let lines = file.contents.components(separatedBy: "\r\n")
      #expect(lines.first == headers[file.name], "\(file.name)")
      #expect(lines.last == "" && lines.count > 2, "\(file.name)")
    }
    #expect(Self.file("series.csv", of: SampleResult.passing).contains("\r\n100.000,bank,"))
  }

  @Test func `gives each client's outage with phases that add up`() {
    let lines = Self.file("failovers.csv", of: SampleResult.passing).components(separatedBy: "\r\n")
    #expect(
      lines[1]
        == "1,failover,az_down,61.235000000,w,r1,app,61.235000000,79.647617000,18412.617000,"
        + "10023.400000,38.500000,40.500000,1246.400000,1032.500000,5022.800000,,,987.100000,,"
        + "21.417000,,")
    let cells = lines[1].components(separatedBy: ",").compactMap { Decimal(string: $0) }
    let phases = cells.suffix(8)
    #expect(phases.reduce(0, +) == cells[cells.count - 9])
    let failing = Self.file("failovers.csv", of: SampleResult.failing)
    #expect(failing.contains(",it waits for an answer on a connection to w\r\n"))
  }

  @Test func `quotes what would break a table`() {
    var result = SampleResult.passing
    result.faults[0].evidence = "a \"b\", c\nd"
    #expect(
      Self.file("faults.csv", of: result).contains(",true,\"a \"\"b\"\", c\nd\"\r\n"))
  }

  @Test func `has a column for capacity only if an instance is serverless`() {
    var result = SampleResult.passing
    for index in result.series.instances.indices { result.series.instances[index].capacity = [] }
    #expect(Self.file("instances.csv", of: result).hasPrefix("time_s,instance,role,cpu_ratio\r\n"))
  }

  // MARK: The terminal

  @Test func `fits into a few lines on a terminal`() {
    #expect(
      TerminalSummary(SampleResult.failing, report: "Reports/az-outage/report.html").text == """
        FAIL  az-outage, seed 7
              no_acknowledged_commit_lost: 2 of 17 902 acknowledged commits are missing
              fault 'gray' was not seen to act

        failover      18.4 s for app, no commit again for naive (it waits for an answer on a connection to w): w → r1 after az_down
        RPO           2 of 17\u{202F}902 acknowledged commits lost (412 B, 31.9 ms), 6 in doubt
        lag           r1: mean 4.92 ms, p50 4.10 ms, p99 14.9 ms, max 38.2 ms
        lag           r2: mean 5.16 ms, p50 4.30 ms, p99 412 ms, max 11.6 s
        throughput    oltp: 46.7/s, p99 11.8 ms, 85 errors
        throughput    bank: 18.1/s, p99 14.2 ms, 58 errors, 6 omitted
        throughput    lists: 14.7/s, p99 21.4 ms, 40 errors
        capacity      r2: 0.5 to 9.5 ACU, mean 3.42
        claims        4 of 6 hold, 1 failed, 1 not judged
        objectives    2 of 3 met, 1 failed
        digest        9f2c41d07be5a3186c0d94e2b7715fa8, 1\u{202F}284\u{202F}311 events
        report        Reports/az-outage/report.html

        """)
  }

  /// `BOREALIS_SAMPLES=/some/folder swift test --filter 'looked at'` writes the sample pages there.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["BOREALIS_SAMPLES"] != nil))
  func `can be written out to be looked at`() throws {
    let folder = try #require(ProcessInfo.processInfo.environment["BOREALIS_SAMPLES"])
    for (name, result) in [
      ("passing", SampleResult.passing), ("failing", SampleResult.failing), ("empty", Self.empty),
      ("crowded", SampleResult.crowded),
    ] {
      try Self.page(result).write(
        toFile: "\(folder)/\(name).html", atomically: true, encoding: .utf8)
    }
  }
}
