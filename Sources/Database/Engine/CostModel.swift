public import Simulation

/// What the processor is charged for the work of a session.
///
/// The simulation runs statements in whatever time this program takes; the model says what they would
/// take on a vCPU of the database instance. The constants were fitted to PostgreSQL 15 running the TPC-B
/// script of pgbench, prepared, with server and client on one core of a current x86 machine: 150–170 µs
/// of server time per transaction. With seven messages that wait for an answer, seven statements, four
/// rows found by key, four rows written and one commit, the model says 159 µs:
///
/// ```
///   7 exchanges × 8.5 µs + 7 statements × 3 µs + 4 rows read × 2 µs + 4 rows written × 13 µs
///     + 1 commit × 18.5 µs
/// ```
///
/// A statement's charge is made once per exchange, before its answer is sent, and of a long one as it goes: every
/// millisecond or so, in which it is also looked whether the statement is wanted to end. What is taken back or purged is
/// charged as it goes, too (``StorageEngine/spend(_:owed:)``).
public struct CostModel: Equatable, Sendable {
  /// For each batch of messages that is answered at once: system calls, wake-up, protocol.
  public var exchange = Interval.nanoseconds(8_500)
  /// For each statement executed: snapshot, portal, plan start-up and end.
  public var statement = Interval.nanoseconds(3_000)
  /// For each row or index entry fetched by key.
  public var rowRead = Interval.nanoseconds(2_000)
  /// For each row that a scan passes over after its first, and for each that a function or a recursive query gives
  /// and each pair that a join looks at, for which it is a guess.
  public var rowScanned = Interval.nanoseconds(150)
  /// For each row sent to the client.
  public var rowSent = Interval.nanoseconds(250)
  /// For each row inserted, updated or deleted, with its index entries and its redo; and for each that is taken back,
  /// which is written again.
  public var rowWritten = Interval.nanoseconds(13_000)
  /// For each row that gets its entry in an index which is being created. A guess: a key is looked for, as for
  /// ``rowRead``, and put in.
  public var entryBuilt = Interval.nanoseconds(3_000)
  /// For each old version that is removed for good, and for each page of a dropped tree that is freed. A guess: of the
  /// order of ``rowRead``.
  public var versionPurged = Interval.nanoseconds(2_000)
  /// For each commit of a transaction that wrote something.
  public var commit = Interval.nanoseconds(18_500)
  /// For each statement that the client has parsed and planned, which PostgreSQL does anew whenever it
  /// is asked, whatever other sessions have prepared.
  public var plan = Interval.nanoseconds(35_000)
  /// For each connection: fork, authentication, catalog caches.
  public var connection = Interval.microseconds(1_500)

  public init() {}
}

/// What has been done since the processor was last charged.
struct WorkCounter {
  var statements = 0
  var plans = 0
  var rowsRead = 0
  var rowsScanned = 0
  var rowsSent = 0
  var rowsWritten = 0
  var entriesBuilt = 0
  var commits = 0

  /// Whether it occupies a vCPU for about a millisecond or longer, which is of the order of the time that an
  /// operating system gives to a process at once.
  @inline(__always)
  var isMuch: Bool {
    rowsWritten >= 256 || rowsScanned >= 4_096 || rowsRead >= 512 || entriesBuilt >= 384
  }

  /// The cost of this work and of the exchanges that it ends with.
  func cost(under model: CostModel, exchanges: Int) -> Interval {
    var cost = model.exchange * exchanges
    cost = cost + model.statement * statements
    if plans > 0 { cost = cost + model.plan * plans }
    cost = cost + model.rowRead * rowsRead
    cost = cost + model.rowScanned * rowsScanned
    cost = cost + model.rowSent * rowsSent
    cost = cost + model.rowWritten * rowsWritten
    if entriesBuilt > 0 { cost = cost + model.entryBuilt * entriesBuilt }
    cost = cost + model.commit * commits
    return cost
  }
}
