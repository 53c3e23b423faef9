import Simulation

/// What the transactions of a mix do: how its tables come to be, one transaction, and what is left at the end.
///
/// One object serves all workloads of the same mix, since they share its tables.
protocol TransactionScript: AnyObject {
  /// Makes and fills the tables.
  func load(through console: DatabaseConnection) async throws

  /// Runs one transaction up to and including the answer to its COMMIT.
  ///
  /// - Throws: whatever kept it from being acknowledged.
  func run(_ attempt: TransactionAttempt, on connection: DatabaseConnection) async throws

  /// What its own statements may meet without any fault, besides conflicts.
  var expectedErrors: [ExpectedError] { get }

  /// Learns how a transaction ended.
  func ended(_ attempt: TransactionAttempt, _ outcome: TransactionOutcome, at instant: Instant)

  /// Reads the end state: the tokens of all transactions that left something.
  ///
  /// It may be called again when it has failed, and then gives the answer that it would have given: nothing
  /// of what an earlier call has read counts.
  func survivors(through console: DatabaseConnection) async throws -> [TransactionToken]

  /// What is known of the promises that are the mix's own, once the end state has been read, or could not
  /// be.
  func judgements(of state: EndState) -> [Judgement]
}

extension TransactionScript {
  var expectedErrors: [ExpectedError] { [] }
  func judgements(of state: EndState) -> [Judgement] { [] }
}

/// An error that a script's own statements may meet: of one SQLSTATE, and about one table, index or constraint.
struct ExpectedError {
  let sqlState: String
  /// A part of the server's message.
  let subject: String

  func covers(_ kind: String, _ text: String) -> Bool {
    kind == sqlState && text.contains(subject)
  }
}

/// One attempt at one transaction.
final class TransactionAttempt {
  let token: TransactionToken
  let isolation: Scenario.Workload.Isolation
  let mix: Mix
  let random: RandomStream
  let invoked: Instant
  /// Whether it writes, and so leaves something to be found at the end.
  var writes = true
  /// What a `list-append` transaction did, as far as it came.
  var operations: [ListAppendTransaction.Operation] = []

  init(
    token: TransactionToken, workload: Scenario.Workload, random: RandomStream, invoked: Instant
  ) {
    (self.token, self.random, self.invoked) = (token, random, invoked)
    (isolation, mix) = (workload.isolation, workload.mix)
  }

  var begin: StaticString {
    switch isolation {
    case .readCommitted: "BEGIN ISOLATION LEVEL READ COMMITTED"
    case .repeatableRead: "BEGIN ISOLATION LEVEL REPEATABLE READ"
    }
  }
}

/// How an attempt ended, as the client knows it.
enum TransactionOutcome {
  case committed
  /// The client knows that it left nothing.
  case rolledBack
  /// The connection broke while the COMMIT was out.
  case inDoubt
}
