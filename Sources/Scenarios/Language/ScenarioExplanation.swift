internal import Simulation

/// A scenario in words, for a reader who wants to know what will happen before anything runs.
///
/// The text says what the file leaves unsaid: the defaults that a reader would ask for, the
/// timeline with every anchor resolved, and how many runs there will be.
public struct ScenarioExplanation: Equatable, Sendable {
  public let text: String

  public init(_ scenario: Scenario) {
    var lines = ["\(scenario.name): \(scenario.claim)"]
    func add(_ title: String, _ items: [String]) {
      guard !items.isEmpty else { return }
      lines += ["", title]
      lines += items.map { "  \($0)" }
    }
    add("Runs", Self.runs(scenario.run))
    add("Cluster", Self.cluster(scenario.cluster))
    add("Clients", scenario.clients.map(Self.client))
    add("Workload", Self.aligned(scenario.workloads.map(Self.workload)))
    add("Timeline", Self.timeline(scenario))
    add("Chaos", scenario.chaos.map(Self.chaos) ?? [])
    add("Claims", Self.claims(scenario.claims))
    add("Objectives", scenario.objectives.map(\.description))
    add("Cost of a run", [ScenarioEstimate(scenario).description])
    text = lines.joined(separator: "\n") + "\n"
  }

  private static func runs(_ run: Scenario.Run) -> [String] {
    let seeds =
      run.count == 1
      ? "1 run, seed \(run.seeds.lowerBound)"
      : "\(run.count) runs, seeds \(run.seeds.lowerBound) to \(run.seeds.upperBound)"
    let warmup = run.warmup == .zero ? "" : "; the first \(run.warmup) are not measured"
    return ["\(seeds), each of \(run.horizon) of virtual time\(warmup)"]
  }

  private static func cluster(_ cluster: Scenario.Cluster) -> [String] {
    let instances = cluster.instances.map { instance in
      let size =
        instance.capacity.map { "serverless, \($0.scalar) ACU" } ?? instance.instanceClass
      let role = instance.id == cluster.writer.id ? "writer" : "reader"
      return [
        instance.id, "\(role) in AZ \(instance.zone.rawValue)", size, "tier \(instance.tier)",
      ]
    }
    let volume = cluster.volume
    let storage =
      "volume: \(volume.protectionGroups) protection groups of \(Scenario.Volume.copies) copies on"
      + " \(3 * volume.storageNodesPerZone) storage nodes, written by \(volume.writeQuorum), read by"
      + " \(volume.readQuorum)"
    let warning =
      volume.isSafe ? [] : ["the quorums do not overlap: this volume can lose what it acknowledged"]
    return aligned(instances) + [storage] + warning
  }

  private static func client(_ client: Scenario.Client) -> String {
    let hosts = client.count == 1 ? "1 host" : "\(client.count) hosts"
    let place = client.zone.map { "in AZ \($0.rawValue)" } ?? "outside the AZs"
    let endpoint =
      switch client.endpoint {
      case .cluster: "the cluster endpoint"
      case .reader: "the reader endpoint"
      case .instance(let id): "instance \(id)"
      }
    return "\(client.id): \(hosts) \(place), driver \(client.driver.rawValue), at \(endpoint);"
      + " keeps names \(client.dnsTTL), gives up connecting after \(client.connectTimeout) and"
      + " waiting after \(client.socketTimeout)"
  }

  private static func workload(_ workload: Scenario.Workload) -> [String] {
    let load =
      switch workload.load {
      case .open(let arrivals, let connections):
        "\(arrivals.scalar) over \(connections) connections"
      case .closed(let concurrency, let thinkTime):
        "\(concurrency) sessions, thinking \(thinkTime.scalar)"
      }
    return [
      workload.id, "\(workload.start) to \(workload.end)",
      "\(workload.client) runs"
        + " \(workload.mix.name)", workload.isolation.rawValue, load,
    ]
  }

  /// Every fault in the order in which it would start if no jitter moved it.
  private static func timeline(_ scenario: Scenario) -> [String] {
    let windows = scenario.faultWindows(movedBy: { _ in .zero })
    let latest = scenario.faultWindows(movedBy: { $0.anchor.jitter })
    let order = windows.indices.sorted { (windows[$0].start, $0) < (windows[$1].start, $1) }
    return aligned(
      order.map { index in
        let fault = scenario.faults[index]
        let window = windows[index]
        // What an anchor's own anchor may move, this one moves with.
        let spread = latest[index].start - window.start
        let start = spread == .zero ? "\(window.start)" : "\(window.start) +- \(spread)"
        let duration = fault.duration.map { "for \($0)" } ?? "at once"
        var words = [start, duration, fault.id, fault.action.description]
        if case .after(let edge, let offset, _) = fault.anchor {
          words[3] += offset == .zero ? " (at \(edge))" : " (\(offset) after \(edge))"
        }
        return words
      })
  }

  private static func chaos(_ chaos: Scenario.Chaos) -> [String] {
    let families =
      [
        "each seed picks \(chaos.pick.scalar) of these \(chaos.families.count) families, and its faults:"
      ]
      + wrapped(chaos.families).map { "  \($0)" }
    let times =
      "from \(chaos.window.lowerBound) to \(chaos.window.upperBound), each fault on for"
      + " \(chaos.on.scalar) and off for \(chaos.off.scalar)"
    let budget =
      "at one time at most \(count(chaos.copiesLost, "copy", "copies")) of a protection group away or"
      + " damaged, and \(count(chaos.zonesDown, "AZ", "AZs")) down"
    let liveness = chaos.liveness.map {
      ["then all is healed but one AZ, and writes go on within \($0)"]
    }
    let points = chaos.armsFaultPoints ? ["the engine's own fault points are armed"] : []
    return families + [times, budget] + (liveness ?? []) + points
  }

  private static func claims(_ claims: Scenario.Claims) -> [String] {
    claims.always.map { "always \($0.name)" }
      + claims.sometimes.map { "at least once \($0.name)" }
      + claims.never.map { "never \($0.name)" }
      + claims.eventually.map { claim in
        let conditions = claim.conditions.map(\.name).joined(separator: " and ")
        return "\(conditions) within \(claim.within) of \(claim.after.name)"
      }
  }

  private static func count(_ number: Int, _ one: String, _ many: String) -> String {
    "\(number) \(number == 1 ? one : many)"
  }

  /// Words with commas between them, in lines of at most 90 characters.
  private static func wrapped(_ words: [String]) -> [String] {
    var lines: [String] = []
    for (index, word) in words.enumerated() {
      let piece = index < words.count - 1 ? word + "," : word
      if let line = lines.last, line.count + piece.count < 90 {
        lines[lines.count - 1] = "\(line) \(piece)"
      } else {
        lines.append(piece)
      }
    }
    return lines
  }

  /// Rows with their columns padded to equal width, two blanks between them.
  private static func aligned(_ rows: [[String]]) -> [String] {
    let widths = (rows.first ?? []).indices.map { column in
      rows.map { $0[column].count }.max() ?? 0
    }
    return rows.map { row in
      var line = ""
      for (index, cell) in row.enumerated() {
        line += cell
        guard index < row.count - 1 else { break }
        line += String(repeating: " ", count: widths[index] - cell.count + 2)
      }
      return line
    }
  }
}
