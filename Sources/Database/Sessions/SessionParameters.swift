import SQL
import Simulation

/// The run-time parameters of one session: what SET, SHOW and RESET see.
///
/// ```
///   SET        changes `current` and `lasting`
///   SET LOCAL  changes `current` only
///   commit     current = lasting
///   rollback   current = lasting = what it was when the transaction first changed anything
/// ```
struct SessionParameters {
  private var current: [String]
  private var lasting: [String]
  private var initial: [String]
  /// `lasting` before the transaction's first change; `nil` if it has changed nothing.
  private var beforeTransaction: [String]?
  /// Parameters told to the client that have changed since it was last told.
  private(set) var unreported: [Int] = []

  private(set) var statementTimeout: Interval?
  private(set) var lockTimeout: Interval?
  private(set) var deadlockTimeout = Interval.seconds(1)
  private(set) var idleInTransactionTimeout: Interval?
  private(set) var defaultIsolation = SQL.IsolationLevel.readCommitted
  private(set) var defaultIsReadOnly = false

  init() {
    initial = SessionParameter.all.map(\.initial)
    (current, lasting) = (initial, initial)
  }

  private static let statementTimeoutIndex = place("statement_timeout")
  private static let lockTimeoutIndex = place("lock_timeout")
  private static let deadlockTimeoutIndex = place("deadlock_timeout")
  private static let idleTimeoutIndex = place("idle_in_transaction_session_timeout")
  private static let isolationIndex = place("default_transaction_isolation")
  private static let readOnlyIndex = place("default_transaction_read_only")

  private static func place(_ name: String) -> Int {
    guard let index = SessionParameter.index(of: name) else {
      preconditionFailure("there is no parameter \(name)")
    }
    return index
  }

  /// - Throws: `42704` if there is no such parameter.
  func value(of name: String) throws(SQLError) -> String {
    guard let index = SessionParameter.index(of: name) else { throw .undefinedSetting(name) }
    return current[index]
  }

  subscript(index: Int) -> String { current[index] }

  /// Sets a parameter as the server or the start-up packet does: RESET comes back to it.
  mutating func initialize(_ name: String, to value: String) {
    let index = Self.place(name)
    initial[index] = value
    lasting[index] = value
    current[index] = value
    cache()
  }

  /// - Parameter value: `nil` for DEFAULT.
  mutating func set(
    _ name: String, to value: String?, isLocal: Bool, inTransaction: Bool
  ) throws(SQLError) {
    guard let index = SessionParameter.index(of: name) else { throw .undefinedSetting(name) }
    let parameter = SessionParameter.all[index]
    let canonical: String
    if let value { canonical = try parameter.canonical(value) } else { canonical = initial[index] }
    noteChange(inTransaction)
    assign(index, canonical)
    if !isLocal { lasting[index] = canonical }
    cache()
  }

  /// - Parameter name: `nil` for RESET ALL.
  mutating func reset(_ name: String?, inTransaction: Bool) throws(SQLError) {
    if let name {
      guard let index = SessionParameter.index(of: name) else { throw .undefinedSetting(name) }
      try set(
        SessionParameter.all[index].name, to: nil, isLocal: false, inTransaction: inTransaction)
      return
    }
    noteChange(inTransaction)
    for index in initial.indices { assign(index, initial[index]) }
    lasting = initial
    cache()
  }

  mutating func endTransaction(commits: Bool) {
    guard let before = beforeTransaction else { return }
    beforeTransaction = nil
    if !commits { lasting = before }
    for index in lasting.indices { assign(index, lasting[index]) }
    cache()
  }

  /// Goes back to what a savepoint remembers, which must be of the same transaction.
  mutating func restore(_ savepoint: SessionParameters) {
    guard beforeTransaction != nil else { return }
    lasting = savepoint.lasting
    for index in current.indices { assign(index, savepoint.current[index]) }
    cache()
  }

  mutating func takeUnreported() -> [Int] {
    defer { unreported.removeAll(keepingCapacity: true) }
    return unreported
  }

  private mutating func noteChange(_ inTransaction: Bool) {
    if inTransaction, beforeTransaction == nil { beforeTransaction = lasting }
  }

  private mutating func assign(_ index: Int, _ value: String) {
    guard current[index] != value else { return }
    current[index] = value
    if SessionParameter.all[index].isReported, !unreported.contains(index) {
      unreported.append(index)
    }
  }

  private mutating func cache() {
    statementTimeout = Self.timeout(current[Self.statementTimeoutIndex])
    lockTimeout = Self.timeout(current[Self.lockTimeoutIndex])
    deadlockTimeout = Self.timeout(current[Self.deadlockTimeoutIndex]) ?? .seconds(1)
    idleInTransactionTimeout = Self.timeout(current[Self.idleTimeoutIndex])
    defaultIsolation =
      SQL.IsolationLevel(rawValue: current[Self.isolationIndex]) ?? .readCommitted
    defaultIsReadOnly = current[Self.readOnlyIndex] == "on"
  }

  private static func timeout(_ canonical: String) -> Interval? {
    let milliseconds = SessionParameter.milliseconds(canonical)
    return milliseconds > 0 ? .milliseconds(milliseconds) : nil
  }
}
