import SQL
import Testing

private let accounts: Scope = {
  var scope = Scope()
  try! scope.add(
    "a",
    columns: [
      Scope.Column(name: "aid", type: .integer), Scope.Column(name: "bid", type: .integer),
      Scope.Column(name: "abalance", type: .integer),
      Scope.Column(name: "filler", type: .character(8)),
    ])
  try! scope.add(
    "b",
    columns: [Scope.Column(name: "bid", type: .integer), Scope.Column(name: "name", type: .text)])
  return scope
}()

@Suite struct `A binder` {
  @Test func `leaves a column bare next to a parameter`() throws {
    let parameters = ParameterTypes(count: 2)
    #expect(
      try bind("aid = $1", over: accounts, parameters: parameters)
        == .comparison(.equal, .column(0, .integer), .parameter(0, .integer), .byValue))
    #expect(
      try bind("abalance + $2", over: accounts, parameters: parameters)
        == .arithmetic(.add, .column(2, .integer), .parameter(1, .integer), .integer))
    #expect(parameters.types == [.integer, .integer])
    let wide = ParameterTypes(count: 1, declared: [.bigint])
    #expect(
      try bind("aid = $1", over: accounts, parameters: wide)
        == .comparison(.equal, .column(0, .integer), .parameter(0, .bigint), .byValue))
  }

  @Test(
    arguments: [
      ("$1", [.text]), ("$1 || 'x'", [.text]), ("$1::int8", [.bigint]), ("$1 + 1.5", [.numeric]),
      ("$1 = $2", [.text, .text]), ("coalesce($1, 1)", [.integer]), ("length($1)", [.text]),
      ("$1 = aid AND $1 < 5", [.integer]),
      ("$2 AND aid IN ($1, $3)", [.integer, .boolean, .integer]),
      ("filler = $1", [.character]), ("$1 BETWEEN aid AND 2", [.integer]),
      ("now() - $1", [.timestampWithTimeZone]),
      ("case when $1 then $2 else 1 end", [.boolean, .integer]), ("-$1", [.double]),
      ("$1 LIKE 'a%'", [.text]), ("$2::text", [.text, .text]),
    ] as [(String, [SQLType.Kind])])
  func `decides the type of a parameter by its first use`(
    text: String, kinds: [SQLType.Kind]
  ) throws {
    let parameters = ParameterTypes(count: kinds.count)
    _ = try bind(text, over: accounts, parameters: parameters)
    #expect(parameters.types.map(\.kind) == kinds)
  }

  @Test(
    arguments: [
      ("nosuch", SQLError.undefinedColumn("nosuch", position: 8)),
      ("a.nosuch", .undefinedColumn("a.nosuch", position: 8)),
      ("c.aid", .missingFromEntry("c", position: 8)),
      ("1 + bid", .ambiguousColumn("bid", position: 12)),
      (
        "count(*) FILTER (WHERE count(*) > 1)",
        .grouping("aggregate function calls cannot be nested", position: 31)
      ),
      ("sum(name)", .undefinedFunction("sum", [.text], position: 8)),
      ("nosuch(aid, 'x')", .undefinedFunction("nosuch", [.integer, .unknown], position: 8)),
      ("aid + name", .undefinedOperator("+", .integer, .text, position: 12)),
      ("- name", .undefinedOperator("-", nil, .text, position: 8)),
      (
        "name AND true",
        .datatypeMismatch("argument of AND must be type boolean, not type text", position: 8)
      ),
      (
        "aid IN (1, 'x')",
        {
          SQLError.invalidTextRepresentation("x", .integer).located(at: 19)
        }()
      ),
      ("DEFAULT + 1", .syntax("DEFAULT is not allowed in this context", position: 8)),
      ("$2", .undefinedParameter(2, position: 8)),
    ] as [(String, SQLError)])
  func `words its errors as PostgreSQL does`(text: String, error: SQLError) {
    #expect(throws: error) {
      try bind(text, over: accounts, parameters: ParameterTypes(count: 1))
    }
  }

  @Test func `folds constants and nothing else`() throws {
    #expect(try bind("1 + 2 * 3") == .constant(.integer(7), .integer))
    #expect(try bind("lower('A') || 'b'") == .constant(.text("ab"), .text))
    guard case .arithmetic = try bind("1 / 0") else {
      Issue.record("an error was folded away")
      return
    }
    guard case .call(let random, _) = try bind("random()") else {
      Issue.record("random() was folded")
      return
    }
    #expect(random.name == "random")
  }

  @Test func `converts what is stored in a column`() throws {
    var binder = Binder(scope: Scope(), parameters: ParameterTypes(count: 0))
    let number = Expression.literal(.number("2.5"), position: 1)
    #expect(
      try binder.bindAssigned(number, to: .integer, column: "x", in: "VALUES")
        == .constant(.integer(3), .integer))
    let text = Expression.literal(.string("ab"), position: 1)
    #expect(
      try binder.bindAssigned(text, to: .character(4), column: "x", in: "VALUES")
        == .constant(.text("ab  "), .character(4)))
    var mismatch = SQLError.datatypeMismatch(
      "column \"x\" is of type integer but expression is of type boolean", position: 1)
    mismatch.hint = "You will need to rewrite or cast the expression."
    #expect(throws: mismatch) {
      try binder.bindAssigned(
        .literal(.boolean(true), position: 1), to: .integer, column: "x", in: "VALUES")
    }
    #expect(throws: SQLError.stringTooLong(.varchar(3))) {
      try binder.bindAssigned(
        .literal(.string("abcd"), position: 1), to: .varchar(3), column: "x", in: "VALUES")
    }
  }

  @Test func `finds the functions of FROM`() throws {
    var binder = Binder(scope: Scope(), parameters: ParameterTypes(count: 0))
    let call = FunctionCall(
      name: "generate_series",
      arguments: [1, 9, 4].map { .literal(.integer($0), position: 1) }, position: 1)
    let found = try #require(try binder.bindTableFunction(call))
    #expect(found.function.columns.map(\.type) == [.integer])
    let series = try #require(
      try found.function.series([.integer(1), .integer(9), .integer(4)]))
    #expect(Array(series) == [.integer(1), .integer(5), .integer(9)])
    let down = try found.function.series([.integer(3), .integer(1), .integer(-1)])
    #expect(Array(try #require(down)) == [.integer(3), .integer(2), .integer(1)])
    #expect(throws: SQLError.invalidArgument("step size cannot equal zero")) {
      try found.function.series([.integer(3), .integer(1), .integer(0)])
    }
    let status = FunctionCall(name: "aurora_replica_status", arguments: [], position: 1)
    #expect(try binder.bindTableFunction(status)?.function.columns.count == 22)
  }

  @Test func `names the output columns as PostgreSQL does`() throws {
    let text = """
      SELECT aid, abs(aid), aid::int8, 1::int8, 1, true, aid AS x, coalesce(aid, 1), a.*,
      CASE WHEN true THEN 1 END, CASE WHEN true THEN 1 ELSE aid END, now(), current_timestamp
      """
    #expect(
      try select(text).columns.map(\.name) == [
        "aid", "abs", "aid", "int8", "?column?", "?column?", "x", "coalesce", "aid", "bid",
        "abalance", "filler", "case", "aid", "now", "current_timestamp",
      ])
  }
}

private func select(_ text: String, over scope: Scope = accounts) throws -> BoundSelect {
  let parsed = try PostgreSQLParser.parse(text)[0]
  guard case .select(let query) = parsed.statement, case .select(let select) = query.body else {
    throw SQLError.featureNotSupported("what is no SELECT")
  }
  var binder = Binder(scope: scope, parameters: ParameterTypes(count: parsed.parameterCount))
  return try binder.bind(select, orderBy: query.orderBy)
}

/// Runs a grouped select over rows in memory, as an executor would.
private func run(_ text: String, _ rows: [[Value]]) throws -> [[String]] {
  let select = try select(text)
  let context = TestContext()
  var groups: [(key: [Value], states: [AggregateState])] = []
  if select.isGrouped, select.keys.isEmpty {
    groups.append(([], select.aggregates.map(AggregateState.init)))
  }
  var output: [(row: [String], keys: [Value])] = []
  func emit(_ row: [Value]) throws {
    let values = try select.columns.map {
      try $0.expression.evaluate(row: row, parameters: [], context: context).text(as: $0.type)
        ?? "NULL"
    }
    let keys = try select.ordering.map {
      try $0.expression.evaluate(row: row, parameters: [], context: context)
    }
    output.append((values, keys))
  }
  for row in rows {
    if let filter = select.filter,
      try !filter.holds(row: row, parameters: [], context: context)
    {
      continue
    }
    guard select.isGrouped else {
      try emit(row)
      continue
    }
    let key = try select.keys.map { try $0.evaluate(row: row, parameters: [], context: context) }
    if !groups.contains(where: { $0.key == key }) {
      groups.append((key, select.aggregates.map(AggregateState.init)))
    }
    let index = groups.firstIndex { $0.key == key }!
    for aggregate in groups[index].states.indices {
      try groups[index].states[aggregate].accumulate(row: row, parameters: [], context: context)
    }
  }
  for group in groups {
    let row = group.key + (try group.states.map { try $0.result() })
    if let having = select.having,
      try !having.holds(row: row, parameters: [], context: context)
    {
      continue
    }
    try emit(row)
  }
  let sorted = output.sorted { left, right in
    for (index, ordering) in select.ordering.enumerated() {
      let order = ordering.order(left.keys[index], right.keys[index])
      if order != 0 { return order < 0 }
    }
    return false
  }
  return sorted.map(\.row)
}

@Suite struct `A grouped select` {
  static let rows: [[Value]] = [
    [.integer(1), .integer(1), .integer(10), .text("x"), .integer(1), .text("b")],
    [.integer(2), .integer(1), .integer(20), .text("y"), .integer(1), .text("a")],
    [.integer(3), .integer(2), .integer(5), .text("x"), .integer(2), .text("b")],
    [.integer(4), .integer(2), .null, .text("x"), .integer(2), .null],
  ]

  @Test func `aggregates each group`() throws {
    #expect(
      try run(
        """
        SELECT a.bid, count(*), count(abalance), sum(abalance), avg(abalance), min(name), max(aid),
          string_agg(name, '+' ORDER BY name), count(DISTINCT filler), bool_and(aid > 1),
          bool_or(aid > 1), sum(aid::int8), avg(aid::float8), sum(abalance) FILTER (WHERE aid = 1)
        FROM t GROUP BY a.bid ORDER BY a.bid DESC
        """, Self.rows) == [
          [
            "2", "2", "1", "5", "5.0000000000000000", "b", "4", "b", "1", "t", "t", "7", "3.5",
            "NULL",
          ],
          [
            "1", "2", "2", "30", "15.0000000000000000", "a", "2", "a+b", "2", "f", "t", "3", "1.5",
            "10",
          ],
        ])
  }

  @Test func `is one group without GROUP BY, even of nothing`() throws {
    #expect(try run("SELECT count(*), sum(aid), max(name) FROM t", []) == [["0", "NULL", "NULL"]])
    #expect(try run("SELECT 1 FROM t HAVING count(*) > 0", []) == [])
    #expect(try run("SELECT a.bid, count(*) FROM t GROUP BY 1", []) == [])
  }

  @Test func `computes with keys and aggregates`() throws {
    #expect(
      try run(
        """
        SELECT aid % 2 AS odd, sum(abalance) + aid % 2 FROM t WHERE aid < 4 GROUP BY odd
        HAVING count(*) > 0 ORDER BY sum(abalance), 1
        """, Self.rows) == [["1", "16"], ["0", "20"]])
  }

  @Test(arguments: [
    ("SELECT aid, count(*) FROM t", SQLError.ungroupedColumn("a.aid")),
    ("SELECT aid + 1 FROM t GROUP BY aid + 2", .ungroupedColumn("a.aid")),
    (
      "SELECT aid FROM t WHERE count(*) > 1",
      .grouping("aggregate functions are not allowed in WHERE", position: 25)
    ),
    (
      "SELECT count(*) FROM t GROUP BY 1",
      .grouping("aggregate functions are not allowed in GROUP BY", position: 33)
    ),
    (
      "SELECT 1 FROM t ORDER BY 2",
      SQLError(
        sqlState: "42P10", message: "ORDER BY position 2 is not in select list", position: 26)
    ),
    (
      "SELECT DISTINCT aid FROM t ORDER BY name",
      SQLError(
        sqlState: "42P10",
        message: "for SELECT DISTINCT, ORDER BY expressions must appear in select list",
        position: 37)
    ),
    (
      "SELECT abs(DISTINCT 1)",
      SQLError(
        sqlState: "42809", message: "DISTINCT specified, but abs is not an aggregate function",
        position: 8)
    ),
    (
      "SELECT 1 FROM t WHERE aid",
      .datatypeMismatch("argument of WHERE must be type boolean, not type integer", position: 23)
    ),
  ])
  func `refuses what makes no sense, in PostgreSQL's words`(text: String, error: SQLError) {
    #expect(throws: error) { try select(text) }
  }
}

@Suite struct `A scope` {
  @Test func `merges the columns of a USING join`() throws {
    var scope = accounts
    let pairs = try scope.merge(["bid"], firstRight: 1)
    #expect(pairs.map(\.left) == [1])
    #expect(pairs.map(\.right) == [4])
    #expect(try scope.resolve(ColumnReference(name: "bid", position: 1)).index == 1)
    #expect(try scope.resolve(ColumnReference(table: "b", name: "bid", position: 1)).index == 4)
    #expect(try scope.expand(star: nil, position: nil).map(\.index) == [1, 0, 2, 3, 5])
    var natural = accounts
    #expect(try natural.merge(nil, firstRight: 1).map(\.right) == [4])
  }

  @Test func `takes each name once and renames by alias`() throws {
    var scope = accounts
    #expect(throws: SQLError.duplicateAlias("a")) { try scope.add("a", columns: []) }
    try scope.add(
      "t", alias: TableAlias(name: "u", columns: ["x"]),
      columns: [Scope.Column(name: "k", type: .text), Scope.Column(name: "v", type: .text)])
    #expect(scope.tables.last?.columns.map(\.name) == ["x", "v"])
    #expect(scope.width == 8)
  }
}

@Suite struct `An evaluation` {
  @Test func `asks its context for time, chance and the engine's answers`() throws {
    #expect(answer("now()") == "2000-01-01 00:00:01+00")
    #expect(answer("clock_timestamp() - current_timestamp") == "00:00:02")
    #expect(answer("random()") == "0.125")
    #expect(answer("current_date") == "2000-01-01")
    #expect(answer("pg_is_in_recovery()") == "f")
    #expect(answer("aurora_inject_crash('node')") == "node")
    #expect(answer("pg_is_in_recovery(1)").hasPrefix("ERROR 42883"))
  }

  @Test func `reads columns and parameters`() throws {
    let row: [Value] = [
      .integer(7), .integer(1), .integer(2_147_483_000), .text("ab      "), .null, .text("n"),
    ]
    #expect(
      answer("abalance + $1", over: accounts, row: row, parameters: [.integer(5)]) == "2147483005")
    #expect(
      answer("abalance + $1", over: accounts, row: row, parameters: [.integer(5000)])
        == "ERROR 22003: integer out of range")
    #expect(answer("aid = $1", over: accounts, row: row, parameters: [.integer(7)]) == "t")
    #expect(answer("aid = $1", over: accounts, row: row, parameters: [.null]) == "<NULL>")
    #expect(answer("filler = 'ab'", over: accounts, row: row) == "t")
    #expect(answer("filler || '|'", over: accounts, row: row) == "ab|")
    #expect(answer("b.bid = 1 OR aid = 7", over: accounts, row: row) == "t")
    #expect(answer("b.bid = 1 AND aid = 8", over: accounts, row: row) == "f")
  }
}
