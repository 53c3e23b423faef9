import SQL
import Simulation
import Wire

/// The simple query protocol: a text with any number of statements, all in one transaction unless they
/// say otherwise.
extension Session {
  func query(_ text: String) async throws {
    statementText = text
    lanes?.begin(text)
    defer { lanes?.end() }
    // The unnamed statement does not outlive a simple query.
    statements.removeValue(forKey: "")
    let entry = try server.plans.entry(text, declared: [])
    if entry.statements.isEmpty {
      writer.emptyQueryResponse()
      return try await ready()
    }
    for (index, parsed) in entry.statements.enumerated() {
      try checkBlock(parsed.statement)
      run.work.plans += 1
      hasUnchargedWork = true
      if let tag = try await controlTransaction(parsed.statement) {
        server.meters.statements += 1
        run.work.statements += 1
        writer.commandComplete(tag)
        continue
      }
      // What several statements set is set by all of them or by none.
      if entry.statements.count > 1 { _ = ensureTransaction() }
      let plan = try await plan(entry, index, declared: [])
      if !plan.parameterTypes.isEmpty { throw SQLError.undefinedParameter(1) }
      if entry.statements.count > 1, parsed.statement.refusesBlocks {
        throw SQLError.activeTransaction(parsed.statement.commandName)
      }
      try await complete(plan, [], formats: .allText, describes: true) {
        try await self.plan(entry, index, declared: [])
      }
    }
    if block.state == .implicit { try await commitTransaction() }
    try await ready()
  }
}

extension Statement {
  /// Whether it must not be in a transaction block.
  var refusesBlocks: Bool {
    if case .maintenance(.vacuum) = self { return true }
    return false
  }
}
