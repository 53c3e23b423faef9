/// Faults of one kind of thing: how a scenario spells them, and what they are in words.
///
/// A fault of a scenario is a mapping with exactly one keyword, `pause: { on: writer }`. Each family knows
/// its keywords, and reads and writes what stands under them; the rest of the language knows families
/// only.
protocol FaultFamily: Equatable, Codable, Sendable {
  /// The kinds of fault that the family has. Each is named by its keyword and, where several stand under one
  /// keyword, a second word that tells them apart, such as `disk stall`.
  associatedtype Form: CaseIterable, RawRepresentable<String>

  /// Reads what stands under a keyword of this family.
  init(reading field: Field, under keyword: String, names: TargetNames) throws(ScenarioError)

  /// Which of the family's kinds it is.
  var form: Form { get }
  /// What stands under the keyword, in the order of the reference.
  var parameters: PlanFields { get }
  /// Whom it strikes, in the words of the scenario.
  var targets: String { get }
  /// What happens, as a sentence without its time.
  var description: String { get }
  var duration: FaultDuration { get }
}

extension FaultFamily {
  /// The names of all kinds.
  static var forms: [String] { Form.allCases.map(\.rawValue) }

  /// Each once, in the order of the kinds.
  static var keywords: [String] {
    forms.map(keyword).reduce(into: []) { known, keyword in
      if !known.contains(keyword) { known.append(keyword) }
    }
  }

  /// Under which it is written.
  var keyword: String { Self.keyword(of: form.rawValue) }

  var formName: String { form.rawValue }

  private static func keyword(of form: String) -> String { String(form.prefix { $0 != " " }) }
}

/// Whether a fault is something that lasts.
enum FaultDuration {
  /// It lasts from its start to its end, and the scenario must say how long.
  case required
  /// Without one it ends as soon as its victims can be back.
  case optional
  /// It happens in an instant.
  case none
}

extension Field {
  /// A target that stands under `on`.
  ///
  /// - Parameter isFit: whether it can be struck like this.
  /// - Throws: when it is none, or unfit; the error says `expected`.
  static func target(
    on section: Section, names: TargetNames, expected: String, where isFit: (Target) -> Bool
  ) throws(ScenarioError) -> Target {
    let field = try section.required("on")
    let target = try field.target(among: names)
    guard isFit(target) else { throw field.refusal(expected: expected) }
    return target
  }

  /// Hosts on one side of a link.
  func hosts(among names: TargetNames) throws(ScenarioError) -> Target {
    let target = try target(among: names)
    guard !target.isAgent else { throw refusal(expected: Target.hostExpectation) }
    return target
  }
}

extension Target {
  static let programExpectation =
    "database instances, storage nodes, agents, control-plane or name-server"
  static let clusterExpectation =
    "database instances, storage nodes, an AZ, control-plane or name-server"
  static let diskExpectation = "storage nodes, or control-plane"
  static let hostExpectation = "hosts: an agent has none to itself; name its instance"

  /// Whether it has a program that can be told apart from its host.
  var hasProgram: Bool {
    isInstance || isStorage || isAgent || whole == .controlPlane || whole == .nameServer
  }

  var hasDisk: Bool { isStorage || whole == .controlPlane }

  /// Whether it is hosts that belong to the cluster, and not to those who use it.
  var isOfCluster: Bool {
    switch whole {
    case .clients, .client, .agents: false
    default: true
    }
  }
}
