import SQL
import Simulation
import Wire

/// Statements that read and change no rows: settings, data definition, EXPLAIN, maintenance.
extension Session {
  func utility(_ plan: Plan, _ formats: FormatCodes) async throws {
    let statement = plan.statement
    switch statement {
    case .createTable, .alterTable, .createIndex, .drop, .truncate:
      let catalog = try await engine.catalogContents(for: run.transaction)
      let definition = DataDefinition(run: run, catalog: catalog) { sqlState, message in
        self.notice("NOTICE", sqlState, message)
      }
      try await definition.execute(statement)
    case .set(let variable): try set(variable)
    case .reset(let name): try parameters.reset(name, inTransaction: block.state != .idle)
    case .setTransaction(let modes): try setTransaction(modes)
    case .setSessionCharacteristics(let modes): try setCharacteristics(modes)
    case .show(let name): try show(name, plan, formats)
    case .explain(let explain): try await self.explain(explain, plan, formats)
    case .deallocate(let name): try deallocate(name)
    case .discard: try await discard()
    case .maintenance(let work): try maintain(work)
    default: preconditionFailure("\(statement.commandName) is no utility")
    }
    if case .truncate = statement { run.work.rowsWritten += 1 }
    writeTag(statement, 0)
  }

  // MARK: Settings

  private func set(_ variable: SetVariable) throws(SQLError) {
    switch variable.name.lowercased() {
    case "transaction_isolation":
      let parameter = SessionParameter.all.first { $0.name == "transaction_isolation" }
      let level = try variable.value.map { (value) throws(SQLError) in
        try parameter?.canonical(value) ?? value
      }
      return try setTransaction(
        TransactionModes(isolation: level.flatMap { SQL.IsolationLevel(rawValue: $0) }))
    case "transaction_read_only":
      guard let value = variable.value, let isReadOnly = SessionParameter.boolean(value) else {
        throw .invalidArgument("parameter \"transaction_read_only\" requires a Boolean value")
      }
      return try setTransaction(TransactionModes(isReadOnly: isReadOnly))
    default: break
    }
    if variable.isLocal, !block.isOpen {
      notice("WARNING", "25P01", "SET LOCAL can only be used in transaction blocks")
      return
    }
    try parameters.set(
      variable.name, to: variable.value, isLocal: variable.isLocal,
      inTransaction: block.state != .idle)
  }

  private func setCharacteristics(_ modes: TransactionModes) throws(SQLError) {
    func set(_ name: String, _ value: String) throws(SQLError) {
      try parameters.set(name, to: value, isLocal: false, inTransaction: block.state != .idle)
    }
    if let isolation = modes.isolation {
      try set("default_transaction_isolation", isolation.rawValue)
    }
    if let isReadOnly = modes.isReadOnly {
      try set("default_transaction_read_only", isReadOnly ? "on" : "off")
    }
    if let isDeferrable = modes.isDeferrable {
      try set("default_transaction_deferrable", isDeferrable ? "on" : "off")
    }
  }

  /// The value of a setting, that of the transaction at hand included.
  func setting(_ name: String) throws(SQLError) -> String {
    switch name.lowercased() {
    case "transaction_isolation" where block.state != .idle: return block.isolation.rawValue
    case "transaction_read_only" where block.state != .idle: return block.isReadOnly ? "on" : "off"
    case "transaction_isolation": return parameters.defaultIsolation.rawValue
    default: return try parameters.value(of: name)
    }
  }

  private func show(_ name: String, _ plan: Plan, _ formats: FormatCodes) throws(SQLError) {
    guard let columns = plan.columns else { return }
    guard name.lowercased() == "all" else {
      return try write([.text(try setting(name))], columns, formats)
    }
    for parameter in SessionParameter.all {
      let row: Row = [.text(parameter.name), .text(try setting(parameter.name)), .text("")]
      try write(row, columns, formats)
    }
  }

  // MARK: The rest

  private func explain(_ explain: Explain, _ plan: Plan, _ formats: FormatCodes) async throws {
    guard let columns = plan.columns else { return }
    let catalog = try await engine.catalogContents(for: run.transaction)
    let inner = try Planner.plan(
      ParsedStatement(statement: explain.statement, parameterCount: 0, textRange: 0..<0),
      catalog: catalog)
    var lines = inner.explanation
    let analyzes = explain.options.contains {
      $0.name == "analyze" && SessionParameter.boolean($0.value) ?? true
    }
    if analyzes {
      switch inner.body {
      case .copy, .utility: break
      default:
        if inner.isWrite {
          for (table, mode) in inner.tables where mode == .tableWrite {
            try await engine.lockTable(table.id, mode, for: run.transaction)
          }
        }
        run.begin(inner, [], in: run.transaction, at: clockTimestamp)
        let result = try await inner.execute(run)
        let rows = try await result.rows?.drain().count ?? result.count
        lines.append("Actual Rows: \(rows)")
      }
    }
    for line in lines { try write([.text(line)], columns, formats) }
  }

  private func deallocate(_ name: String?) throws(SQLError) {
    guard let name else { return statements.removeAll() }
    guard statements.removeValue(forKey: name) != nil else {
      throw .undefinedPreparedStatement(name)
    }
  }

  private func discard() async throws {
    if block.isOpen { throw SQLError.activeTransaction("DISCARD ALL") }
    statements.removeAll()
    try parameters.reset(nil, inTransaction: false)
  }

  /// Versions are purged and pages written without being asked; names are checked all the same.
  private func maintain(_ work: Maintenance) throws(SQLError) {
    var names: [ObjectName] = []
    switch work {
    case .vacuum(let tables):
      if block.isOpen { throw .activeTransaction("VACUUM") }
      names = tables
    case .analyze(let tables): names = tables
    case .checkpoint: break
    }
    guard let catalog = engine.catalog.cached else { return }
    for name in names where catalog[name.schema ?? "public", name.name] == nil {
      throw .undefinedTable(name.shown)
    }
  }
}

extension SessionParameter {
  /// What SHOW returns.
  ///
  /// - Throws: `42704` if there is no such parameter.
  static func resultColumns(ofShow name: String) throws(SQLError) -> [ResultColumn] {
    if name.lowercased() == "all" {
      return ["name", "setting", "description"].map { ResultColumn(name: $0, type: .text) }
    }
    guard let index = index(of: name) else { throw .undefinedSetting(name) }
    return [ResultColumn(name: all[index].name, type: .text)]
  }
}
