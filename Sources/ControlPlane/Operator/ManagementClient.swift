public import Simulation

/// An operator's end of the management API: one call, over a connection of its own.
///
/// It never tries again by itself, as a script does not that sets `AWS_MAX_ATTEMPTS=1`: none of these calls
/// carries a token by which the control plane could tell a repetition from a second wish, so that repeating
/// one whose answer was lost could fail over twice.
public enum ManagementClient {
  /// What the operator knows afterwards.
  public enum Outcome: Hashable, Sendable {
    case answered(ManagementAnswer)
    /// No connection came about: nothing was asked, and nothing done.
    case unreachable(ConnectionError)
    /// The call was sent and no answer came: it may have been carried out or not.
    case unanswered(ConnectionError)
  }

  /// How long to wait for the connection, and then for the answer.
  ///
  /// Source: AWS CLI, `--cli-connect-timeout` and `--cli-read-timeout`, 60 seconds by default.
  public static let defaultTimeout = Interval.seconds(60)

  /// Makes a call from a process of some host.
  ///
  /// - Parameters:
  ///   - timeout: for the connection, and again for the answer.
  ///   - onConnect: is told its own end of the connection, before anything is sent.
  /// - Throws: `ProcessEnded`, if the caller's process ends meanwhile.
  public static func call(
    _ request: ManagementRequest, at address: Address, from process: Process,
    timeout: Interval = defaultTimeout, onConnect: (Address) -> Void = { _ in }
  ) async throws(ProcessEnded) -> Outcome {
    let connection: Connection
    do {
      connection = try await process.connect(to: address, timeout: timeout)
    } catch {
      return .unreachable(try connectionError(error))
    }
    onConnect(connection.local)
    connection.send(request.encoded())
    let deadline = process.now + timeout
    var frame = ManagementFrame()
    do {
      while true {
        let bytes = try await connection.receive(until: deadline)
        if let answer = try frame.append(bytes, ManagementAnswer.init(from:)) {
          connection.close()
          return .answered(answer)
        }
      }
    } catch {
      connection.abort()
      return .unanswered(try connectionError(error))
    }
  }

  /// An answer that cannot be read is as good as a connection that broke.
  private static func connectionError(_ error: any Error) throws(ProcessEnded) -> ConnectionError {
    if let ended = error as? ProcessEnded { throw ended }
    return error as? ConnectionError ?? .reset
  }
}
