/// One claim about a cluster, and all it takes to judge it: topology, load, faults, what must hold,
/// what to measure.
///
/// A scenario comes from a YAML file, which is checked as a whole on the way in: units are there,
/// every name refers to something, every fault begins and ends within the run. What stands in a
/// `Scenario` is complete, every default filled in, and ``yaml`` writes it down as the resolved
/// plan, a scenario file that gives an equal `Scenario` again.
public struct Scenario: Equatable, Sendable {
  /// The version of the language, which every file begins with.
  public static let version = 1

  /// Lower-case letters, digits, `_` and `-`.
  public var name: String
  /// What the scenario shows when it passes, as one sentence.
  public var claim: String
  public var run: Run
  public var cluster: Cluster
  public var network: Network
  public var disk: Disk
  public var clients: [Client]
  public var workloads: [Workload]
  /// In the order of the file.
  public var faults: [Fault]
  /// Faults that each seed draws for itself; `nil` in a resolved plan, where they have become ordinary ones.
  public var chaos: Chaos?
  public var claims: Claims
  public var objectives: [Objective]

  public init(
    name: String, claim: String, run: Run, cluster: Cluster, network: Network = Network(),
    disk: Disk = Disk(), clients: [Client], workloads: [Workload], faults: [Fault] = [],
    chaos: Chaos? = nil, claims: Claims = Claims(), objectives: [Objective] = []
  ) {
    (self.name, self.claim, self.run, self.cluster) = (name, claim, run, cluster)
    (self.network, self.disk, self.clients, self.workloads) = (network, disk, clients, workloads)
    (self.faults, self.chaos) = (faults, chaos)
    (self.claims, self.objectives) = (claims, objectives)
  }
}
