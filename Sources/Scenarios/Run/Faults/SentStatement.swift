import Database
import Simulation
import Wire

/// A statement that is sent to instances, each on a connection of its own, and what became of it.
///
/// It acts if every instance gives the answer that the scenario expects. Where a connection was refused, or
/// an instance was not to be heard, nothing was sent; an error has undone whatever the statement did.
final class SentStatement: Strike {
  let victims: [String]
  let endsByItself: Bool
  private let id: String
  private let statement: Scenario.Fault.Statement
  private let world: World
  private let onEnd: () -> Void
  /// Of each instance, in the order of the victims; `nil` while there is none.
  private var outcomes: [Outcome?]
  /// Sessions that are in use or held.
  private var sessions: [DatabaseConnection] = []
  private var isOver = false
  /// When it was first sent on an open session.
  private var sent: Instant?
  /// When an instance first injected the fault that it asks for.
  private var injected: Instant?

  /// What became of the statement at one instance.
  fileprivate enum Outcome {
    case answered(DatabaseConnection.Answer)
    /// The server refused the statement.
    case error(sqlState: String)
    /// The connection ended before the answer.
    case cutOff(String)
    /// Nothing came in time.
    case timedOut
    /// There was no connection, so that nothing was sent.
    case unreachable(String)
  }

  /// - Parameter onEnd: called when there are all answers, or will be none; never for sessions that are held.
  init(
    id: String, _ statement: Scenario.Fault.Statement, to instances: [String], in world: World,
    onEnd: @escaping () -> Void
  ) {
    (self.id, self.statement, self.world, self.onEnd) = (id, statement, world, onEnd)
    victims = instances
    outcomes = instances.map { _ in nil }
    endsByItself = !statement.holds
    world.simulation.emit(FaultStarted(fault: id, targets: instances))
    world.simulation.trace.observe { [weak self] in self?.note($0) }
    let console = world.console
    for (place, target) in instances.enumerated() {
      guard let instance = world.instance(target) else { continue }
      console.process.spawn { [self] in
        outcomes[place] = try await send(to: instance.host.id, from: console)
        conclude()
      }
    }
    if instances.isEmpty { conclude() }
  }

  private func send(to host: HostID, from console: ClientHost) async throws -> Outcome {
    let connection: DatabaseConnection
    do {
      connection = try await console.connect(to: host, timeout: statement.timeout)
    } catch let error as ProcessEnded {
      throw error
    } catch {
      return .unreachable(FailureKind(error).name)
    }
    if isOver {
      connection.abandon()
      return .unreachable("no connection by the end of the run")
    }
    sessions.append(connection)
    sent = sent ?? world.simulation.now
    do {
      let answer = try await connection.query(statement.text)
      if !statement.holds { connection.close() }
      return .answered(answer)
    } catch let error as ProcessEnded {
      throw error
    } catch let error as ErrorFields where !error.endsSession {
      if !statement.holds { connection.close() }
      return .error(sqlState: error.sqlState)
    } catch ConnectionError.timedOut {
      connection.abandon()
      return .timedOut
    } catch {
      connection.abandon()
      return .cutOff(FailureKind(error).name)
    }
  }

  private func note(_ event: TraceEvent) {
    guard injected == nil else { return }
    switch event.payload {
    case let crash as EngineCrashInjected where hasSent(from: crash.client):
      injected = event.instant
    case let fault as FaultInjected where hasSent(from: fault.client): injected = event.instant
    default: break
    }
  }

  private func conclude() {
    guard endsByItself, !isOver, outcomes.allSatisfy({ $0 != nil }) else { return }
    isOver = true
    tellEnd()
    onEnd()
  }

  /// Ends the sessions, and with them whatever they held: the fault is over, or the run is.
  func finish() {
    guard !isOver else { return }
    isOver = true
    tellEnd()
    for session in sessions { session.abandon() }
  }

  /// Whether it was sent on a connection from this address.
  func hasSent(from source: Address) -> Bool { sessions.contains { $0.local == source } }

  private func tellEnd() {
    world.simulation.emit(FaultEnded(fault: id, tookEffect: tookEffect, evidence: evidence))
  }

  // MARK: What became of it

  var tookEffect: Bool {
    !outcomes.isEmpty
      && outcomes.allSatisfy { outcome in outcome.map(statement.expects) ?? false }
  }

  /// A statement that every instance has refused has done nothing.
  var acted: Instant? {
    let wasRefused = outcomes.allSatisfy { outcome in
      switch outcome {
      case .error, .unreachable: true
      case .answered, .cutOff, .timedOut, nil: false
      }
    }
    return injected ?? (wasRefused ? nil : sent)
  }

  var evidence: String {
    if outcomes.isEmpty { return "there was no \(statement.target) to send it to" }
    var texts: [String] = []
    for outcome in outcomes {
      let text = outcome.map(statement.text) ?? "no answer by the end of the run"
      if !texts.contains(text) { texts.append(text) }
    }
    let remark =
      tookEffect ? "" : statement.expectation.map { ", where \($0) was expected" } ?? ""
    return texts.joined(separator: "; ") + remark
  }
}

extension Scenario.Fault.Statement {
  fileprivate func expects(_ outcome: SentStatement.Outcome) -> Bool {
    switch (outcome, expectation) {
    case (.answered, nil): true
    // A statement that crashes the server is answered by the end of the connection.
    case (.cutOff, nil): !holds
    case (.answered(let answer), .answer(let text)): text == answer.tag || text == answer.text
    case (.error(let state), .error(let expected)): state == expected
    case (.cutOff, .noAnswer), (.timedOut, .noAnswer): true
    default: false
    }
  }

  fileprivate func text(of outcome: SentStatement.Outcome) -> String {
    switch outcome {
    case .answered(let answer):
      if case .answer? = expectation, !expects(outcome), !answer.rows.isEmpty {
        "answered \(answer.tag): \(answer.text)"
      } else {
        "answered \(answer.tag)"
      }
    case .error(let state): state
    case .cutOff(let reason): reason
    case .timedOut: "timed out"
    case .unreachable(let reason): "\(reason): nothing was sent"
    }
  }
}

extension DatabaseConnection.Answer {
  /// Columns joined by bars, one row to a line; null is empty.
  fileprivate var text: String {
    rows.indices.map { row in
      (0..<rows[row].count).map { text(row: row, column: $0) ?? "" }.joined(separator: "|")
    }.joined(separator: "\n")
  }
}
