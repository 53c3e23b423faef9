import Simulation

@testable import Database

/// A server that logic scripts are run against.
protocol LogicServer: AnyObject {
  /// As `skipif` and `onlyif` call it.
  var name: String { get }

  func openChannel() async throws -> any ByteChannel

  /// Returns when the session waits for something, or when it has had the time to begin to.
  func waitUntilBlocked(_ client: TestClient) async throws

  func sleep(for interval: Interval) async throws
}

extension SessionBench: LogicServer {
  var name: String { "borealis" }

  func openChannel() async throws -> any ByteChannel {
    SimulatedChannel(
      clientProcess, try await clientProcess.connect(to: address, timeout: .seconds(5)))
  }

  /// Lets its look for deadlocks pass, too: the next one to wait must be the one who closes the cycle.
  func waitUntilBlocked(_ client: TestClient) async throws {
    try await sleep(for: .milliseconds(1_100))
  }

  func sleep(for interval: Interval) async throws { try await clientProcess.sleep(for: interval) }
}
