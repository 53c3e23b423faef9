import Simulation
import Statistics

/// Transfers between accounts, and audits that add all of them up.
///
/// A transfer names itself by its token in the table of transfers, so that what survived can be found.
final class BankScript: TransactionScript {
  private let accounts: Int
  private let initialBalance: Int
  /// Every sum that the workloads read.
  private var audits: [Audit] = []
  /// Attempts to move money, whatever became of them.
  private var transferCount = 0
  /// The sum at the end of the run, once it has been read.
  private var finalAudit: Audit?

  private typealias Audit = (instant: Instant, observation: BankChecker.Observation)

  init(accounts: Int, initialBalance: Int) {
    (self.accounts, self.initialBalance) = (accounts, initialBalance)
  }

  func load(through console: DatabaseConnection) async throws {
    _ = try await console.query(
      """
      CREATE TABLE bank_accounts(id int PRIMARY KEY, balance bigint NOT NULL);
      CREATE TABLE bank_transfers(
        client int, sequence int, source int, target int, amount bigint,
        PRIMARY KEY (client, sequence));
      """)
    try await console.insert(into: "bank_accounts(id, balance)", count: accounts) {
      "(\($0 + 1), \(self.initialBalance))"
    }
  }

  func run(_ attempt: TransactionAttempt, on connection: DatabaseConnection) async throws {
    guard let mix = attempt.mix.kind as? BankMix else {
      preconditionFailure("a bank script runs bank transactions")
    }
    let random = attempt.random
    // Draw everything before looking at any of it.
    let isAudit = random.chance(mix.audits.fraction)
    let source = random.index(below: accounts)
    let target = (source + 1 + random.index(below: accounts - 1)) % accounts
    let amount = Int64(random.index(below: 100) + 1)
    attempt.writes = !isAudit
    try await connection.begin(attempt.begin)
    if isAudit {
      audits.append(try await audit(through: connection, as: "\(attempt.token)"))
      return try await connection.commit()
    }
    transferCount += 1
    _ = try await connection.execute(
      "UPDATE bank_accounts SET balance = balance - $1 WHERE id = $2", amount, Int64(source + 1))
    _ = try await connection.execute(
      "UPDATE bank_accounts SET balance = balance + $1 WHERE id = $2", amount, Int64(target + 1))
    _ = try await connection.execute(
      """
      INSERT INTO bank_transfers(client, sequence, source, target, amount) \
      VALUES ($1, $2, $3, $4, $5)
      """, Int64(attempt.token.client), Int64(attempt.token.sequence), Int64(source + 1),
      Int64(target + 1), amount)
    try await connection.commit()
  }

  func ended(_ attempt: TransactionAttempt, _ outcome: TransactionOutcome, at instant: Instant) {}

  func survivors(through console: DatabaseConnection) async throws -> [TransactionToken] {
    finalAudit = try await audit(through: console, as: "the final read")
    return try await console.tokens("SELECT client, sequence FROM bank_transfers")
  }

  private func audit(
    through connection: DatabaseConnection, as reader: String
  ) async throws -> Audit {
    let answer = try await connection.execute("SELECT count(*), sum(balance) FROM bank_accounts")
    return (
      connection.now,
      BankChecker.Observation(
        reader: reader, accounts: Int(answer.integer(row: 0, column: 0) ?? 0),
        total: answer.integer(row: 0, column: 1) ?? 0)
    )
  }

  func judgements(of state: EndState) -> [Judgement] {
    var checker = BankChecker(accounts: accounts, total: Int64(accounts) * Int64(initialBalance))
    let all = audits + (finalAudit.map { [$0] } ?? [])
    let violations = all.compactMap { audit in
      checker.observe(audit.observation, at: state.scenarioTime(audit.instant))
    }
    let isRead = checker.readCount > 0
    return [
      Judgement(
        .bankTotalConstant, violations: violations + checker.finish(at: state.now),
        wasJudged: isRead && transferCount > 0,
        evidence: !isRead
          ? "nobody added up the accounts"
          : transferCount == 0
            ? "nobody moved any money"
            : "\(FixedPoint.grouped(checker.readCount)) audits, and"
              + " \(FixedPoint.grouped(transferCount)) attempts to move money")
    ]
  }
}
