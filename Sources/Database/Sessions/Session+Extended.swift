import SQL
import Simulation
import Wire

/// The extended query protocol: prepare, bind, execute, in batches that end with a Sync.
extension Session {
  func parse(_ message: ParseMessage) async throws {
    if !message.statement.isEmpty, statements[message.statement] != nil {
      throw SQLError(
        sqlState: "42P05",
        message: "prepared statement \"\(message.statement)\" already exists")
    }
    let declared = try message.parameterTypes.map { (oid) throws(SQLError) -> SQLType? in
      if oid == 0 { return nil }
      guard let type = SQLType(oid: oid) else {
        throw .featureNotSupported("a parameter of the type with OID \(oid)")
      }
      return type
    }
    let entry = try server.plans.entry(message.query, declared: message.parameterTypes)
    guard entry.statements.count <= 1 else {
      throw SQLError.syntax(
        "cannot insert multiple commands into a prepared statement", position: nil)
    }
    var plan: Plan?
    if let statement = entry.statements.first?.statement {
      try checkBlock(statement)
      run.work.plans += 1
      hasUnchargedWork = true
      let replan = { try await self.plan(entry, 0, declared: declared) }
      plan = try await lockAhead(try await replan(), replan: replan)
    }
    statements[message.statement] = PreparedStatement(
      name: message.statement, text: message.query, entry: entry.statements.isEmpty ? nil : entry,
      declared: declared,
      plan: plan)
    writer.parseComplete()
  }

  func bind(_ message: BindMessage) async throws {
    let prepared = try prepared(message.statement)
    if let statement = prepared.statement { try checkBlock(statement) }
    if !message.portal.isEmpty, portals[message.portal] != nil {
      throw SQLError(
        sqlState: "42P03", message: "cursor \"\(message.portal)\" already exists")
    }
    if let entry = prepared.entry, let plan = prepared.plan, !plan.tables.isEmpty,
      engine.hasStrongTableLocks || !engine.isCurrent(plan.catalog, for: block.transaction)
    {
      let replan = { try await self.refreshed(prepared, entry) }
      _ = try await lockAhead(try await replan(), replan: replan)
    }
    let types = prepared.plan?.parameterTypes ?? []
    guard message.parameters.count == types.count else {
      throw SQLError.protocolViolation(
        "bind message supplies \(message.parameters.count) parameters, but prepared statement "
          + "\"\(message.statement)\" requires \(types.count)")
    }
    var values: [Value] = []
    values.reserveCapacity(types.count)
    for field in message.parameters {
      let index = values.count
      guard let field else {
        values.append(.null)
        continue
      }
      values.append(
        try ValueFormats.read(
          field, types[index], message.parameterFormats[index], index: index))
    }
    let columnCount = prepared.plan?.columns?.count ?? 0
    guard message.resultFormats.fit(columnCount) || columnCount == 0 else {
      throw SQLError.protocolViolation(
        "bind message has \(message.resultFormats.count) result formats but query has "
          + "\(columnCount) columns")
    }
    portals[message.portal] = Portal(
      prepared: prepared, parameters: values, formats: message.resultFormats)
    writer.bindComplete()
  }

  func describe(_ target: Prepared) async throws {
    switch target {
    case .statement(let name):
      let prepared = try prepared(name)
      writer.parameterDescription((prepared.plan?.parameterTypes ?? []).map(\.oid))
      describe(prepared.plan?.columns, .allText)
    case .portal(let name):
      let portal = try portal(name)
      describe(portal.prepared.plan?.columns, portal.formats)
    }
  }

  private func describe(_ columns: [ResultColumn]?, _ formats: FormatCodes) {
    if let columns {
      writer.rowDescription(Self.fields(columns, formats))
    } else {
      writer.noData()
    }
  }

  func execute(_ message: ExecuteMessage) async throws {
    let portal = try portal(message.portal)
    statementText = portal.prepared.text
    lanes?.begin(statementText)
    defer { lanes?.end() }
    guard let entry = portal.prepared.entry, let statement = portal.prepared.statement else {
      return writer.emptyQueryResponse()
    }
    try checkBlock(statement)
    if let tag = try await controlTransaction(statement) {
      server.meters.statements += 1
      run.work.statements += 1
      hasUnchargedWork = true
      return writer.commandComplete(tag)
    }
    if portal.rows != nil { return try await goOn(portal, limit: Int(message.rowLimit)) }
    if portal.isDone {
      if case .query? = portal.prepared.plan?.body {
        return writer.commandComplete("SELECT", rows: 0)
      }
      throw SQLError(
        sqlState: "55000", message: "portal \"\(message.portal)\" cannot be run anymore")
    }
    let replan = { try await self.refreshed(portal.prepared, entry) }
    let plan = try await replan()
    if message.rowLimit > 0, plan.columns != nil, case .query = plan.body {
      try await start(portal, plan, limit: Int(message.rowLimit), replan: replan)
    } else {
      (portal.isDone, portal.plan) = (true, plan)
      try await complete(
        plan, portal.parameters, formats: portal.formats, describes: false, replan: replan)
    }
  }

  /// The plan of a prepared statement for the catalog as it is; its result must look as it did.
  private func refreshed(
    _ prepared: PreparedStatement, _ entry: PlanCache.Entry
  ) async throws -> Plan {
    let plan = try await plan(entry, 0, declared: prepared.declared)
    if let known = prepared.plan, known !== plan {
      if known.columns != plan.columns {
        throw SQLError(sqlState: "0A000", message: "cached plan must not change result type")
      }
      prepared.plan = plan
    }
    return plan
  }

  // MARK: Row by row

  private func start(
    _ portal: Portal, _ plan: Plan, limit: Int, replan: () async throws -> Plan
  ) async throws {
    let (plan, transaction) = try await prepare(plan, replan: replan)
    let ownRun = StatementRun(engine: engine, host: self)
    ownRun.begin(plan, portal.parameters, in: transaction, at: clockTimestamp)
    portal.run = ownRun
    portal.plan = plan
    portal.rows = try await plan.execute(ownRun).rows
    try await goOn(portal, limit: limit)
  }

  private func goOn(_ portal: Portal, limit: Int) async throws {
    guard let rows = portal.rows, let columns = portal.plan?.columns else { return }
    var left = limit > 0 ? limit : Int.max
    portal.count = 0
    while left > 0 {
      if portal.waiting.isEmpty {
        guard let batch = try await rows.next() else {
          portal.rows = nil
          portal.isDone = true
          break
        }
        portal.waiting = batch[...]
      }
      while left > 0, let row = portal.waiting.popFirst() {
        try write(row, columns, portal.formats)
        portal.count += 1
        left -= 1
      }
      try await flushIfLarge()
    }
    try await portal.run?.settle()
    try await portal.run?.keepPace()
    run.work.rowsSent += portal.count
    hasUnchargedWork = true
    if let own = portal.run?.work {
      run.work.rowsRead += own.rowsRead
      run.work.rowsScanned += own.rowsScanned
      portal.run?.work = WorkCounter()
    }
    disarmStatementTimeout()
    if portal.isDone {
      writer.commandComplete("SELECT", rows: portal.count)
      portal.run?.end()
    } else {
      writer.portalSuspended()
    }
  }

  // MARK: The end of a batch

  func close(_ target: Prepared) {
    switch target {
    case .statement(let name): statements.removeValue(forKey: name)
    case .portal(let name): portals.removeValue(forKey: name)
    }
    writer.closeComplete()
  }

  func sync() async throws {
    skipsToSync = false
    if block.state == .implicit {
      do {
        try await commitTransaction()
      } catch {
        try await fail(error)
      }
    }
    try await ready()
  }

  private func prepared(_ name: String) throws(SQLError) -> PreparedStatement {
    guard let statement = statements[name] else {
      throw name.isEmpty
        ? SQLError(sqlState: "26000", message: "unnamed prepared statement does not exist")
        : .undefinedPreparedStatement(name)
    }
    return statement
  }

  private func portal(_ name: String) throws(SQLError) -> Portal {
    guard let portal = portals[name] else {
      throw SQLError(sqlState: "34000", message: "portal \"\(name)\" does not exist")
    }
    return portal
  }
}
