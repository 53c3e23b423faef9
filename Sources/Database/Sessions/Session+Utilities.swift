import SQL
import Simulation
import Wire

/// Statements that read and change no rows: settings, data definition, EXPLAIN, maintenance.
extension Session {
  func utility(_ plan: Plan, _ formats: FormatCodes) async throws {
    let statement = plan.statement
    switch statement {
    case .createTable, .alterTable, .createIndex, .drop, .truncate:
      let definition = DataDefinition(run: run, isInUse: isReading) { sqlState, message in
        self.notice("NOTICE", sqlState, message)
      }
      try await definition.execute(statement)
    case .set(let variable): try set(variable)
    case .reset(let name): try parameters.reset(name, inTransaction: block.state != .idle)
    case .setTransaction(let modes): try setTransaction(modes)
    case .setSessionCharacteristics(let modes): try setCharacteristics(modes)
    case .show(let name): try show(name, plan, formats)
    case .deallocate(let name): try deallocate(name)
    case .discard: try await discard()
    case .maintenance(let work): try await maintain(work)
    default: preconditionFailure("\(statement.commandName) is no utility")
    }
    if case .truncate = statement { run.work.rowsWritten += 1 }
    writeTag(statement, 0)
  }

  /// Whether a portal that has begun to read a table has not been closed. An unnamed one goes with the next
  /// statement.
  private func isReading(_ table: Table) -> Bool {
    portals.sortedByKey().contains { name, portal in
      guard !name.isEmpty, let plan = portal.plan, case .query = plan.body else { return false }
      return plan.tables.contains { $0.table.id == table.id }
    }
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

  /// - Parameter inner: the plan of the statement that is explained, whose tables are locked.
  func explain(_ inner: Plan, _ plan: Plan, _ formats: FormatCodes) async throws {
    guard let columns = plan.columns, case .explain(let explain) = plan.statement else { return }
    var lines = inner.explanation
    let analyzes = explain.options.contains {
      $0.name == "analyze" && SessionParameter.boolean($0.value) ?? true
    }
    if analyzes {
      switch inner.body {
      case .copy, .explain, .utility: break
      default:
        run.begin(inner, [], in: run.transaction, at: clockTimestamp)
        let result = try await inner.execute(run)
        let rows = try await result.rows?.drain().count ?? result.count
        try await run.settle()
        lines.append("Actual Rows: \(rows)")
      }
    }
    for line in lines { try write([.text(line)], columns, formats) }
    writeTag(plan.statement, 0)
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

  /// Versions are purged and pages written without being asked; tables are locked all the same.
  private func maintain(_ work: Maintenance) async throws {
    var names: [ObjectName]
    var mode = LockMode.shareUpdateExclusive
    switch work {
    case .vacuum(let tables, let isFull):
      if block.isOpen { throw SQLError.activeTransaction("VACUUM") }
      names = tables
      if isFull { mode = .accessExclusive }
    case .analyze(let tables): names = tables
    case .checkpoint: return
    }
    if server.services.isReader {
      throw SQLError.inRecovery(Statement.maintenance(work).commandName)
    }
    let isAboutAll = names.isEmpty
    if isAboutAll {
      names = try await engine.tables(for: run.transaction).map {
        ObjectName(schema: $0.description.schema, name: $0.name)
      }
    }
    for name in names {
      let schema = name.schema ?? "public"
      let serial = run.transaction.lockSerial
      let table = try await engine.table(named: name.name, schema: schema, for: run.transaction)
      guard let table else {
        if isAboutAll { continue }
        throw SQLError.undefinedTable(name.shown)
      }
      try await engine.lockTable(table.id, mode, for: run.transaction)
      // With one table after another done, none of them stays locked.
      if isAboutAll { engine.unlockTable(table.id, of: run.transaction, after: serial) }
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
