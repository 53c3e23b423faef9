import Simulation

/// What a test client talks through: a connection of the simulation, or a socket.
protocol ByteChannel: AnyObject {
  func send(_ bytes: [UInt8])

  /// - Parameter limit: how long to wait at most; `nil` for as long as it takes.
  /// - Throws: ``TimedOut``, and what `Connection` throws when the other side is gone.
  func receive(within limit: Interval?) async throws -> [UInt8]

  func close()
}

/// Nothing has come in the time allowed.
struct TimedOut: Error {}

/// A connection to a server inside the simulation.
final class SimulatedChannel: ByteChannel {
  private let process: Process
  private let connection: Connection

  init(_ process: Process, _ connection: Connection) {
    (self.process, self.connection) = (process, connection)
  }

  func send(_ bytes: [UInt8]) { connection.send(bytes) }

  func receive(within limit: Interval?) async throws -> [UInt8] {
    guard let limit else { return try await connection.receive() }
    do {
      return try await connection.receive(until: process.now + limit)
    } catch ConnectionError.timedOut where connection.isOpen {
      throw TimedOut()
    }
  }

  func close() { connection.close() }
}
