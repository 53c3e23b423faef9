import Simulation

/// What is written down of one session for those who want to see it: its statements with what they wait for,
/// and its transactions.
final class SessionLanes {
  private let statements: ActivityRecorder.Lane
  private let transactions: ActivityRecorder.Lane
  private var isWaiting = false
  private var isInTransaction = false

  /// - Returns: `nil` if nobody writes anything down.
  init?(of processID: Int32, _ process: Process) {
    guard let recorder = process.simulation.activities else { return nil }
    // Process ids begin anew with every start of the engine.
    let name = "session \(processID) of start \(process.incarnation)"
    statements = recorder.lane(process.host.id, name)
    transactions = recorder.lane(process.host.id, "\(name), transactions")
  }

  func begin(_ statement: String) { statements.begin(statement) }

  func end() { statements.end() }

  /// - Parameter wait: what the session begins to wait for; `nil` when that is over.
  func note(_ wait: SessionStatus.Wait?) {
    if isWaiting { statements.end() }
    isWaiting = wait.map { $0 != .client } ?? false
    if isWaiting, let wait { statements.begin(wait.rawValue) }
  }

  func beginTransaction() {
    if isInTransaction { transactions.end() }
    isInTransaction = true
    transactions.begin("transaction")
  }

  func endTransaction() {
    if isInTransaction { transactions.end() }
    isInTransaction = false
  }
}
