import Foundation
import Scenarios
import Testing

/// The scenario files of the package.
private enum ScenarioFile {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Scenarios")

  static let all: [String] = {
    let files = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String }
    return (files ?? []).filter { $0.hasSuffix(".yaml") }.sorted()
  }()

  static func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }
}

@Suite struct `The scenario files` {
  @Test func `are there`() {
    let expected = [
      "failover/agent-crash.yaml", "failover/az-outage.yaml", "failover/control-plane-crash.yaml",
      "failover/reader-loss.yaml", "failover/sql-injected-crash.yaml",
      "failover/writer-crash.yaml", "network/az-partition.yaml",
      "network/one-way-partition.yaml", "network/writer-isolated.yaml", "serverless/load-step.yaml",
      "storage/az-plus-one-node.yaml", "storage/bulk-statement.yaml",
    ]
    for name in expected { #expect(ScenarioFile.all.contains(name)) }
  }

  @Test(arguments: ScenarioFile.all)
  func `parse, and are named after their file`(name: String) throws {
    let scenario = try Scenario(yaml: ScenarioFile.text(name), file: name)
    #expect(name.hasSuffix("/\(scenario.name).yaml"))
    #expect(scenario.run.seeds == 1...50)
  }

  @Test(arguments: ScenarioFile.all)
  func `give a resolved plan that gives them again`(name: String) throws {
    let scenario = try Scenario(yaml: ScenarioFile.text(name), file: name)
    let plan = scenario.yaml
    let again = try Scenario(yaml: plan, file: "plan.yaml")
    #expect(again == scenario)
    #expect(again.yaml == plan)
  }

  @Test(arguments: ScenarioFile.all)
  func `stand in the table of the language reference`(name: String) throws {
    let row = "\n| `\(name.dropLast(".yaml".count))` | "
    #expect(try ScenarioFile.text("README.md").contains(row))
  }

  /// Every block of YAML in the language's reference that begins as a scenario does is one.
  @Test func `of the language reference parse`() throws {
    let blocks = try ScenarioFile.text("README.md").components(separatedBy: "```yaml\n").dropFirst()
      .map { $0.components(separatedBy: "```")[0] }
    let scenarios = blocks.filter { $0.hasPrefix("borealis: 1\n") }
    #expect(!scenarios.isEmpty)
    for yaml in scenarios { _ = try Scenario(yaml: yaml, file: "README.md") }
  }

  @Test func `of the README parse`() throws {
    let blocks = try ScenarioFile.text("../README.md").components(separatedBy: "```yaml\n")
    #expect(blocks.count == 2)
    _ = try Scenario(yaml: blocks[1].components(separatedBy: "```")[0], file: "README.md")
  }
}
