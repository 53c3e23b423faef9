/// A DB instance class: how much CPU, memory and network an instance has.
///
/// Source: Aurora User Guide, "DB instance classes"; the rule for the memory-optimised families is that
/// a vCPU comes with 8 GiB, twice that for x2g, and a little less for the old r4.
public struct InstanceClass: Hashable, Sendable {
  public let name: String
  /// 0 for ``serverless``, whose capacity moves.
  public let vCPU: Double
  /// In bytes; 0 for ``serverless``.
  public let memory: Int
  /// In Gbit/s; for the small sizes the most that bursts reach. `nil` where none is given.
  public let network: Double?

  /// Capacity comes from a range of ACU instead of from the class.
  public static let serverless = InstanceClass(
    name: "db.serverless", vCPU: 0, memory: 0, network: nil)

  public var isServerless: Bool { self == .serverless }

  /// Bandwidth of the network interface in bytes per second; `nil` where the table has none.
  public var bandwidth: Int64? { network.map { Int64($0 * 125_000_000) } }

  /// The class of this name, such as `db.r6g.large`; `serverless` and `db.serverless` are one.
  public init?(named name: String) {
    if name == "serverless" || name == Self.serverless.name {
      self = .serverless
      return
    }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "db",
      let family = Self.families.first(where: { $0.name == parts[1] }),
      let size = family.sizes.first(where: { $0.name == parts[2] })
    else { return nil }
    self.name = name
    vCPU = size.vCPU
    memory = Int(size.gibibytes * 1_073_741_824)
    network = size.network
  }

  init(name: String, vCPU: Double, memory: Int, network: Double?) {
    (self.name, self.vCPU, self.memory, self.network) = (name, vCPU, memory, network)
  }

  /// Every provisioned class, family by family from the newest, small sizes first.
  public static var all: [InstanceClass] {
    families.flatMap { family in
      family.sizes.compactMap { InstanceClass(named: "db.\(family.name).\($0.name)") }
    }
  }
}

// MARK: The table

extension InstanceClass {
  private struct Size: Sendable {
    let name: String
    let vCPU: Double
    let gibibytes: Double
    let network: Double?
  }

  private struct Family: Sendable {
    let name: String
    let sizes: [Size]

    /// Sizes by the rule of a memory-optimised family.
    ///
    /// - Parameter network: by the name of the size, in Gbit/s.
    init(_ name: String, _ sizes: [String], gibibytesPerVCPU: Double, network: [(String, Double)]) {
      self.name = name
      self.sizes = sizes.map { size in
        let vCPU = InstanceClass.vCPUs.first { $0.size == size }?.count ?? 0
        return Size(
          name: size, vCPU: vCPU, gibibytes: vCPU * gibibytesPerVCPU,
          network: network.first { $0.0 == size }?.1)
      }
    }

    init(_ name: String, _ sizes: [Size]) { (self.name, self.sizes) = (name, sizes) }
  }

  private static let vCPUs: [(size: String, count: Double)] = [
    ("large", 2), ("xlarge", 4), ("2xlarge", 8), ("4xlarge", 16), ("8xlarge", 32),
    ("12xlarge", 48), ("16xlarge", 64), ("24xlarge", 96), ("32xlarge", 128), ("48xlarge", 192),
  ]

  private static let families: [Family] = {
    let to16 = ["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"]
    let to24 = to16 + ["24xlarge"]
    let to48 = to24 + ["48xlarge"]
    let graviton: [(String, Double)] = [
      ("4xlarge", 15), ("8xlarge", 15), ("12xlarge", 22.5), ("16xlarge", 30), ("24xlarge", 40),
      ("48xlarge", 50),
    ]
    let intel: [(String, Double)] = [
      ("large", 12.5), ("xlarge", 12.5), ("2xlarge", 12.5), ("4xlarge", 12.5), ("8xlarge", 12.5),
      ("12xlarge", 18.75), ("16xlarge", 25), ("24xlarge", 37.5), ("32xlarge", 50),
      ("48xlarge", 50),
    ]
    let r6g: [(String, Double)] = [("8xlarge", 12), ("12xlarge", 20), ("16xlarge", 25)]
    func memoryOptimised(
      _ name: String, _ sizes: [String], network: [(String, Double)] = [], per vCPU: Double = 8
    ) -> Family {
      Family(name, sizes, gibibytesPerVCPU: vCPU, network: network)
    }
    func burstable(_ name: String, vCPU: Double, gibibytes: Double) -> Size {
      Size(name: name, vCPU: vCPU, gibibytes: gibibytes, network: 5)
    }
    return [
      memoryOptimised("r8gd", to48, network: graviton),
      memoryOptimised("r8g", to48, network: graviton),
      memoryOptimised("r7i", to48, network: intel),
      memoryOptimised("r7g", to16, network: graviton),
      memoryOptimised("r6id", ["24xlarge", "32xlarge"]),
      memoryOptimised("r6gd", Array(to16.dropFirst())),
      memoryOptimised("r6g", to16, network: r6g),
      memoryOptimised("r6i", to24 + ["32xlarge"], network: intel),
      memoryOptimised("r5", to24),
      memoryOptimised("r4", to16.filter { $0 != "12xlarge" }, per: 7.625),
      memoryOptimised("x2g", to16, per: 16),
      Family(
        "t4g",
        [
          burstable("medium", vCPU: 2, gibibytes: 4), burstable("large", vCPU: 2, gibibytes: 8),
        ]),
      Family(
        "t3",
        [
          burstable("small", vCPU: 2, gibibytes: 2), burstable("medium", vCPU: 2, gibibytes: 4),
          burstable("large", vCPU: 2, gibibytes: 8),
        ]),
      Family(
        "t2",
        [
          burstable("small", vCPU: 1, gibibytes: 2), burstable("medium", vCPU: 2, gibibytes: 4),
        ]),
    ]
  }()
}
