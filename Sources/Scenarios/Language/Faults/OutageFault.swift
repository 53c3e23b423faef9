extension Scenario.Fault {
  /// A whole place goes dark.
  public enum Outage: Equatable, Codable, Sendable {
    /// An AZ is without power and network; its hosts are up again when the fault ends.
    case zone(AvailabilityZoneLetter)
    /// An AZ loses power for an instant, and with it every byte that was not flushed.
    case power(AvailabilityZoneLetter)
    /// The Region is gone, with its regional services: every AZ, the control plane, the name server.
    case region(String)
  }
}

extension Scenario.Fault.Outage: FaultFamily {
  enum Form: String, CaseIterable {
    case zone = "outage az"
    case region = "outage region"
    case power = "power_loss"
  }

  /// The only one that there is.
  static let region = "us-east-1"

  init(reading field: Field, under keyword: String, names: TargetNames) throws(ScenarioError) {
    if keyword == "power_loss" {
      self = .power(try field.section(["az"]).required("az").choice())
      return
    }
    let (kind, place) = try field.section(["az", "region"]).exactlyOne(of: ["az", "region"])
    if kind == "az" {
      self = .zone(try place.choice())
    } else {
      self = .region(try place.reference(to: "Region", among: [Self.region]))
    }
  }

  var form: Form {
    switch self {
    case .zone: .zone
    case .power: .power
    case .region: .region
    }
  }

  var parameters: PlanFields {
    switch self {
    case .zone(let zone), .power(let zone): [("az", .choice(zone))]
    case .region(let name): [("region", .scalar(name))]
    }
  }

  var targets: String {
    switch self {
    case .zone(let zone), .power(let zone): Target.zone(zone).description
    case .region(let name): name
    }
  }

  var description: String {
    switch self {
    case .zone(let zone): "AZ \(zone.rawValue) loses power and network"
    case .power(let zone):
      "AZ \(zone.rawValue) loses power for an instant, and all that was not flushed"
    case .region(let name): "Region \(name) loses power and network"
    }
  }

  var duration: FaultDuration { if case .power = self { .optional } else { .required } }
}
