internal import ControlPlane
internal import Database
internal import Simulation

// What somebody asks of the cluster: operators' calls, and Aurora's functions that inject faults.
extension ChaosDraw {
  func call() -> DrawnFault {
    let cluster = scenario.cluster
    let scaled = cluster.instances.filter(\.isServerless).map(\.id)
    let operation: Scenario.Fault.Call.Operation
    if !scaled.isEmpty, random.chance(0.3) {
      let least = number(1...8)
      operation = .capacity(
        .instance(one(of: scaled)),
        ServerlessCapacity(halves: least)...ServerlessCapacity(halves: least + number(0...32)))
    } else if cluster.readers.isEmpty || random.chance(0.3) {
      operation = .reboot(instance())
    } else {
      operation = .failover(to: nil)
    }
    return DrawnFault(action: .call(.init(operation)))
  }

  /// How long a statement waits for a connection, and then for its answer.
  private static let statementTimeout = Interval.seconds(1)

  /// One of Aurora's functions that inject faults.
  ///
  /// - Parameter duration: as long as the injected fault lasts, in whole seconds.
  func injection(lasting duration: Interval) -> DrawnFault {
    let target = instance()
    let seconds = max(1, Int64((duration / .seconds(1)).rounded(.up)))
    func statement(_ call: String) -> Scenario.Fault.Action {
      .statement(.init(target, "SELECT aurora_inject_\(call)", timeout: Self.statementTimeout))
    }
    let length = Self.statementTimeout * 2 + .seconds(seconds)
    switch one(of: Scenario.Fault.Statement.Form.allCases) {
    case .any, .crash:
      let part = one(of: InjectedCrash.allCases).rawValue
      return DrawnFault(action: statement("crash('\(part)')"))
    case .replicaFailure:
      let replica = one(of: [""] + scenario.cluster.instances.map(\.id))
      return DrawnFault(
        action: statement("replica_failure(\(number(1...100)), \(seconds), '\(replica)')"),
        length: length)
    case .diskFailure:
      // Copies that take nothing in count as lost.
      let place = place(share: 1...33)
      return DrawnFault(
        action: statement("disk_failure(\(place.arguments), \(seconds))"), nodes: place.nodes,
        lot: place.lot, length: length)
    case .diskCongestion:
      // Copies that are late are not lost, be it all of them.
      let least = number(0...50)
      return DrawnFault(
        action: statement(
          "disk_congestion(\(place(share: 1...100).arguments), \(seconds),"
            + " \(least), \(least + number(1...50)))"), length: length)
    }
  }

  /// A logical block or a storage node, and the share of its segments that is struck.
  ///
  /// - Parameter share: of the segments of a logical block, in percent; a node has all of them struck, or some.
  /// - Returns: the first arguments of the function, and what it costs if those copies are away.
  private func place(
    share: ClosedRange<Int>
  ) -> (arguments: String, nodes: [StorageNodeName], lot: (group: Int, copies: Int)?) {
    let volume = scenario.cluster.volume
    if random.chance(0.5) {
      let (percent, group) = (number(share), random.index(below: volume.protectionGroups))
      // What is left of a segment counts with its probability.
      let copies = (percent * Scenario.Volume.copies + 99) / 100
      return ("\(percent), \(group), true", [], (group, copies))
    }
    let nodes = volume.countedNodes
    let index = random.index(below: nodes.count)
    return ("\(number(1...100)), \(index), false", [nodes[index]], nil)
  }
}
