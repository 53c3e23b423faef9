// swift-tools-version: 6.2
import PackageDescription

/// Set, a release build does without what this file asks of the compiler beyond an ordinary one: what `make test`
/// compares the shipped executable with. It belongs into a folder of its own, with `--scratch-path`.
let isPlain = Context.environment["BOREALIS_PLAIN"] != nil

/// One strictness for every target of ours: a warning is a defect.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

// Specializes the kernel's generics in the modules that use them: about four times the events.
let specialized = SwiftSetting.unsafeFlags(
  ["-cross-module-optimization"], .when(configuration: .release))

// Overlapping accesses are looked for in debug builds: in a release build that doubles an event's cost.
let unchecked = SwiftSetting.unsafeFlags(
  ["-enforce-exclusivity=unchecked"], .when(configuration: .release))

/// A simulation is confined to one thread, so that counting references needs no locked instructions.
let singleThreaded = SwiftSetting.unsafeFlags(
  ["-Xfrontend", "-assume-single-threaded"], .when(configuration: .release))

let collections: Target.Dependency = .product(name: "Collections", package: "swift-collections")

let package = Package(
  name: "borealis",
  products: [
    .executable(name: "borealis", targets: ["borealis"]),
    // For packages beside this one, whose tests run scenarios; see README.md for how to depend on it.
    .library(name: "BorealisScenarios", targets: ["Scenarios", "Simulation", "Reports"]),
  ],
  traits: [
    .trait(
      name: "SupportedExecutor",
      description:
        "Tasks are suspended and run by what Swift supports, not by the kernel's own means: slower."
    )
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(
      name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
    // Linked, it takes the place of the C library's allocator; nothing imports it.
    .systemLibrary(
      name: "CJemalloc", pkgConfig: "jemalloc", providers: [.apt(["libjemalloc-dev"])]),
    .systemLibrary(name: "CGSL", pkgConfig: "gsl", providers: [.apt(["libgsl-dev"])]),
    .systemLibrary(
      name: "CPGQuery", providers: [.apt(["libpg-query-dev", "libprotobuf-c-dev"])]),

    .target(name: "CKernel"),
    .target(name: "Simulation", dependencies: ["CDeflate", "CGSL", "CKernel", collections]),
    .target(
      name: "Statistics",
      dependencies: [
        "CGSL", "Simulation", .product(name: "Histogram", package: "hdrhistogram-swift"),
      ]),
    .target(name: "Volume", dependencies: ["Simulation", collections]),
    .target(name: "SQL", dependencies: ["CPGQuery", collections]),
    .target(name: "Wire", dependencies: ["Simulation", "SQL"]),
    .target(name: "Database", dependencies: ["Simulation", "Volume", "SQL", "Wire", collections]),
    .target(
      name: "ControlPlane", dependencies: ["Simulation", "Volume", "Database", collections]),
    .target(
      name: "Scenarios",
      dependencies: [
        "Simulation", "Statistics", "Volume", "SQL", "Wire", "Database", "ControlPlane",
        collections, .product(name: "Yams", package: "Yams"),
      ]),
    .target(
      name: "Reports",
      dependencies: [
        "Simulation", "Statistics", "Volume", "Database", "Scenarios", collections,
        .product(name: "Mustache", package: "swift-mustache"),
      ]),
    .target(
      name: "Archive",
      dependencies: ["Simulation", "Scenarios", .product(name: "GRDB", package: "GRDB.swift")]),
    .executableTarget(
      name: "borealis",
      dependencies: [
        "Simulation", "Statistics", "ControlPlane", "Scenarios", "Reports", "Archive", "CJemalloc",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    .testTarget(name: "SimulationTests", dependencies: ["Simulation", "Statistics", "CGSL"]),
    .testTarget(name: "StatisticsTests", dependencies: ["Statistics", "Simulation"]),
    .testTarget(name: "VolumeTests", dependencies: ["Volume", "Simulation"]),
    .testTarget(name: "SQLTests", dependencies: ["SQL"]),
    .testTarget(name: "WireTests", dependencies: ["Wire", "SQL", "Simulation"]),
    .testTarget(
      name: "DatabaseTests",
      dependencies: ["Database", "Volume", "SQL", "Simulation", "InstalledPostgreSQL"],
      exclude: ["Logic/Scripts"]),
    .testTarget(name: "ControlPlaneTests", dependencies: ["ControlPlane", "Simulation"]),
    .testTarget(
      name: "ScenarioTests",
      dependencies: [
        "Scenarios", "Reports", "Archive", "Simulation", "Statistics", "Volume", "Database",
        "ControlPlane",
      ], exclude: ["Runs/FaultMatrix.csv", "Runs/PlantedDefects.csv"]),
    .testTarget(
      name: "SourceTreeTests", dependencies: [.product(name: "Yams", package: "Yams")]),

    .executableTarget(
      name: "Benchmarks",
      dependencies: ["Simulation", "Scenarios", "InstalledPostgreSQL", "CJemalloc"],
      path: "Tests/Benchmarks", exclude: ["Peers"]),
    .target(name: "InstalledPostgreSQL", path: "Tests/InstalledPostgreSQL"),
  ]
)

/// The targets whose objects never leave one thread. A new one is not among them until it is named here, and must
/// not be if it shares objects between threads, as Foundation does with those of child processes.
let confined = [
  "Simulation", "Statistics", "Volume", "SQL", "Wire", "Database", "ControlPlane", "Scenarios",
  "Reports", "borealis", "Benchmarks",
]

for target in package.targets where target.type != .system {
  var settings = strict + [specialized]
  if !isPlain {
    settings.append(unchecked)
    if confined.contains(target.name) { settings.append(singleThreaded) }
  }
  target.swiftSettings = settings
  // Every module of ours begins with a README: what is required of it, and the rule that it enforces.
  if target.type == .regular, target.path == nil { target.exclude = ["README.md"] }
}
