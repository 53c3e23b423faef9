import SQL
import Testing

@Suite struct `PostgreSQL's parser` {
  /// What `pgbench -i` and the TPC-B script of pgbench 15 send, word for word.
  static let pgbench = [
    "drop table if exists pgbench_accounts, pgbench_branches, pgbench_history, pgbench_tellers",
    "create table pgbench_history(tid int,bid int,aid    int,delta int,mtime timestamp,filler "
      + "char(22))",
    "create table pgbench_tellers(tid int not null,bid int,tbalance int,filler char(84)) with "
      + "(fillfactor=100)",
    "create table pgbench_accounts(aid    int not null,bid int,abalance int,filler char(84)) with "
      + "(fillfactor=100)",
    "create table pgbench_branches(bid int not null,bbalance int,filler char(88)) with "
      + "(fillfactor=100)",
    "begin",
    "truncate table pgbench_accounts, pgbench_branches, pgbench_history, pgbench_tellers",
    "insert into pgbench_branches(bid,bbalance) values(1,0)",
    "insert into pgbench_tellers(tid,bid,tbalance) values (1,1,0)",
    "copy pgbench_accounts from stdin with (freeze on)",
    "copy pgbench_accounts from stdin",
    "insert into pgbench_accounts(aid,bid,abalance,filler) select aid, (aid - 1) / 100000 + 1, 0, "
      + "'' from generate_series(1, 100000) as aid",
    "commit",
    "vacuum analyze pgbench_branches",
    "alter table pgbench_accounts add primary key (aid)",
    "select count(*) from pgbench_branches",
    "select o.n, p.partstrat, pg_catalog.count(i.inhparent) from pg_catalog.pg_class as c join "
      + "pg_catalog.pg_namespace as n on (n.oid = c.relnamespace) cross join lateral (select "
      + "pg_catalog.array_position(pg_catalog.current_schemas(true), n.nspname)) as o(n) left join "
      + "pg_catalog.pg_partitioned_table as p on (p.partrelid = c.oid) left join "
      + "pg_catalog.pg_inherits as i on (c.oid = i.inhparent) where c.relname = "
      + "'pgbench_accounts' and o.n is not null group by 1, 2 order by 1 asc limit 1",
    "vacuum pgbench_branches",
    "truncate pgbench_history",
    "BEGIN",
    "UPDATE pgbench_accounts SET abalance = abalance + $1 WHERE aid = $2",
    "SELECT abalance FROM pgbench_accounts WHERE aid = $1",
    "UPDATE pgbench_tellers SET tbalance = tbalance + $1 WHERE tid = $2",
    "UPDATE pgbench_branches SET bbalance = bbalance + $1 WHERE bid = $2",
    "INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES ($1, $2, $3, $4, "
      + "CURRENT_TIMESTAMP)",
    "END",
  ]

  @Test(arguments: pgbench)
  func `reads everything that pgbench sends`(text: String) throws {
    #expect(try PostgreSQLParser.parse(text).count == 1)
  }

  @Test func `splits a string into its statements`() throws {
    let statements = try PostgreSQLParser.parse("SELECT 1; ; -- nothing\n COMMIT;")
    #expect(statements.map(\.statement.commandName) == ["SELECT", "COMMIT"])
    #expect(statements.map(\.textRange.lowerBound) == [0, 11])
    #expect(try PostgreSQLParser.parse(" -- nothing at all\n;").isEmpty)
  }

  @Test func `reads an update as a tree`() throws {
    let text = "UPDATE t AS u SET a = a + $2 WHERE id = $1 RETURNING *, a AS b"
    let parsed = try #require(try PostgreSQLParser.parse(text).first)
    #expect(parsed.parameterCount == 2)
    let a = ColumnReference(name: "a", position: 23)
    let expected = Update(
      table: ObjectName(name: "t"), alias: "u",
      assignments: [
        Assignment(
          column: ColumnReference(name: "a", position: 19),
          value: .binary(.add, .column(a), .parameter(number: 2, position: 27), position: 25))
      ],
      filter: .binary(
        .equal, .column(ColumnReference(name: "id", position: 36)),
        .parameter(number: 1, position: 41), position: 39),
      returning: [
        .star(table: nil, position: 54),
        .expression(.column(ColumnReference(name: "a", position: 57)), alias: "b"),
      ])
    #expect(parsed.statement == .update(expected))
  }

  @Test func `reads a table definition`() throws {
    let text = """
      CREATE TABLE IF NOT EXISTS s.t (
        id bigserial PRIMARY KEY, name varchar(10) UNIQUE NOT NULL DEFAULT 'x',
        price numeric(10,2), pad char(84), CONSTRAINT k UNIQUE (name, price)
      ) WITH (fillfactor=70, autovacuum_enabled=off)
      """
    guard case .createTable(let table) = try PostgreSQLParser.parse(text)[0].statement else {
      Issue.record("not a CREATE TABLE")
      return
    }
    #expect(table.name == ObjectName(schema: "s", name: "t"))
    #expect(table.ifNotExists)
    #expect(
      table.columns.map(\.type)
        == [.bigint, .varchar(10), .numeric(precision: 10, scale: 2), .character(84)])
    #expect(table.columns.map(\.isNotNull) == [true, true, false, false])
    #expect(table.columns.map(\.isNumbered) == [true, false, false, false])
    #expect(
      table.constraints == [
        TableConstraint(kind: .primaryKey, columns: ["id"]),
        TableConstraint(kind: .unique, columns: ["name"]),
        TableConstraint(name: "k", kind: .unique, columns: ["name", "price"]),
      ])
    #expect(
      table.options == [
        StorageOption(name: "fillfactor", value: "70"),
        StorageOption(name: "autovacuum_enabled", value: "off"),
      ])
  }

  @Test(
    arguments: [
      (
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        Statement.begin(TransactionModes(isolation: .repeatableRead, isReadOnly: true))
      ),
      ("START TRANSACTION", .begin(TransactionModes())),
      (
        "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
        .setTransaction(TransactionModes(isolation: .serializable))
      ),
      (
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
        .setSessionCharacteristics(TransactionModes(isReadOnly: false))
      ),
      (
        "SET LOCAL lock_timeout = '5s'",
        .set(SetVariable(name: "lock_timeout", value: "5s", isLocal: true))
      ),
      ("SET extra_float_digits TO 3", .set(SetVariable(name: "extra_float_digits", value: "3"))),
      ("SET x TO DEFAULT", .set(SetVariable(name: "x", value: nil))),
      ("RESET ALL", .reset(nil)), ("SHOW ALL", .show("all")),
      ("SHOW transaction_isolation", .show("transaction_isolation")),
      ("SAVEPOINT a", .savepoint("a")), ("RELEASE a", .releaseSavepoint("a")),
      ("ROLLBACK TO SAVEPOINT a", .rollbackToSavepoint("a")), ("ABORT", .rollback),
      ("END", .commit), ("CHECKPOINT", .maintenance(.checkpoint)), ("DISCARD ALL", .discard),
      ("VACUUM a, b", .maintenance(.vacuum([ObjectName(name: "a"), ObjectName(name: "b")]))),
      ("VACUUM FULL a", .maintenance(.vacuum([ObjectName(name: "a")], isFull: true))),
      ("VACUUM (FULL off) a", .maintenance(.vacuum([ObjectName(name: "a")]))),
      (
        "DROP INDEX IF EXISTS s.i CASCADE",
        .drop(
          Drop(
            kind: .index, names: [ObjectName(schema: "s", name: "i")], ifExists: true,
            cascades: true))
      ),
      (
        "CREATE UNIQUE INDEX i ON t (a, b)",
        .createIndex(
          CreateIndex(name: "i", table: ObjectName(name: "t"), columns: ["a", "b"], isUnique: true))
      ),
      (
        "COPY t (a) FROM STDIN WITH (freeze on)",
        .copy(
          Copy(
            table: ObjectName(name: "t"), columns: ["a"],
            options: [StorageOption(name: "freeze", value: "on")]))
      ),
    ] as [(String, Statement)])
  func `reads statements about the session and the schema`(
    text: String, statement: Statement
  ) throws {
    #expect(try PostgreSQLParser.parse(text).map(\.statement) == [statement])
  }

  @Test(arguments: [
    ("SELEC 1", "syntax error at or near \"SELEC\"", 1),
    ("SELECT * FORM t", "syntax error at or near \"FORM\"", 10),
    ("SELECT 'é' FROM", "syntax error at end of input", 16),
    ("SELECT 'open", "unterminated quoted string at or near \"'open\"", 8),
  ])
  func `words syntax errors as PostgreSQL does`(text: String, message: String, position: Int) {
    #expect(throws: SQLError.syntax(message, position: position)) {
      try PostgreSQLParser.parse(text)
    }
  }

  @Test(arguments: [
    ("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 1'", "CREATE FUNCTION"),
    (
      "WITH a AS (DELETE FROM t RETURNING *) SELECT * FROM a",
      "a data-modifying statement in WITH"
    ),
    ("SELECT rank() OVER () FROM t", "a window function"),
    ("CREATE TABLE t (a int CHECK (a > 0))", "CHECK"),
    ("CREATE TEMP TABLE t (a int)", "a temporary table"),
    ("SELECT a -> 'b' FROM t", "the operator ->"),
    ("COPY t TO STDOUT", "COPY TO"),
    ("LISTEN x", "LISTEN"),
    ("CREATE INDEX CONCURRENTLY i ON t (a)", "CREATE INDEX CONCURRENTLY"),
    ("DROP INDEX CONCURRENTLY i", "DROP INDEX CONCURRENTLY"),
  ])
  func `names the feature that it refuses`(text: String, feature: String) {
    let error = #expect(throws: SQLError.self) { try PostgreSQLParser.parse(text) }
    #expect(error?.sqlState == "0A000")
    #expect(error?.message == "\(feature) is not supported")
  }

  @Test func `counts positions in characters, not bytes`() throws {
    let error = #expect(throws: SQLError.self) {
      try PostgreSQLParser.parse("SELECT 'éé'::nosuch")
    }
    #expect(error == .undefinedType("nosuch", position: 14))
  }
}
