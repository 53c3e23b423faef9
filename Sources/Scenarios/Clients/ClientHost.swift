import ControlPlane
import Simulation

/// A machine on which an application runs: it resolves names, connects, and connects again.
///
/// Its answers from the name server are shared by all of its sessions, as in one process of a real
/// application.
final class ClientHost {
  let client: Scenario.Client
  let process: Process
  /// The place among all client hosts of the run; part of a transaction's token.
  let number: Int
  private let resolver: Resolver
  private let names: EndpointNames
  private let random: RandomStream
  /// Where the endpoint led last.
  private var resolved: HostID?

  init(
    client: Scenario.Client, number: Int, host: Host, names: EndpointNames, nameServer: Address
  ) {
    (self.client, self.number, self.names) = (client, number, names)
    process = host.start("application")
    var settings = Resolver.Settings()
    settings.minimumLifetime = client.dnsTTL
    resolver = Resolver(process: process, servers: [nameServer], settings: settings)
    random = host.simulation.random("client/\(host.name)")
  }

  var now: Instant { process.now }

  /// Opens a session through the client's endpoint, trying again and again until it works.
  func connect() async throws -> DatabaseConnection {
    var pause = client.retryBackoff.lowerBound
    while true {
      do {
        return try await connectOnce()
      } catch let error as ProcessEnded {
        throw error
      } catch {
        // Whatever it was, the remedy is the same: wait a little longer than the last time, and try again.
        try await process.sleep(for: random.interval(in: pause / 2...pause))
        pause = min(pause * 2, client.retryBackoff.upperBound)
      }
    }
  }

  /// Opens a session to a host whose address is known, once.
  func connect(to host: HostID) async throws -> DatabaseConnection {
    try await DatabaseConnection.open(
      to: Address(host: host, port: Ports.database), from: process, application: client.id,
      connectTimeout: client.connectTimeout, timeout: client.socketTimeout)
  }

  private func connectOnce() async throws -> DatabaseConnection {
    let resolution = try await resolver.resolve(endpoint)
    if resolution.host != resolved {
      resolved = resolution.host
      process.simulation.emit(
        ClientResolved(
          host: process.host.name, instance: names.instance(named: resolution.canonicalName)))
    }
    return try await connect(to: resolution.host)
  }

  private var endpoint: String {
    switch client.endpoint {
    case .cluster: names.writer
    case .reader: names.reader
    case .instance(let id): names.instance(id)
    }
  }
}
