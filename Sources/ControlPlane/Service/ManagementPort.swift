import Simulation

/// The control plane's end of the management API: takes a request from each connection, and answers it.
///
/// The only way in for operators. It belongs to the process of the control plane: while that is paused or
/// down, nobody answers.
final class ManagementPort: ConnectionAcceptor {
  private unowned let service: ControlService
  private let process: Process

  /// How long a client may take to say what it wants; a guess.
  private static let patience = Interval.seconds(30)

  init(of service: ControlService) { (self.service, process) = (service, service.process) }

  func accept(_ connection: Connection) {
    process.spawn { [self] in
      var frame = ManagementFrame()
      let deadline = process.now + Self.patience
      do {
        while true {
          let bytes = try await connection.receive(until: deadline)
          guard let request = try frame.append(bytes, ManagementRequest.init(from:)) else {
            continue
          }
          service.carryOut(request, from: connection.remote) { answer in
            connection.send(answer.encoded())
            connection.close()
          }
          return
        }
      } catch let error as ProcessEnded {
        throw error
      } catch {
        connection.abort()
      }
    }
  }
}
