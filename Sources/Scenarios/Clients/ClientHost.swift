import ControlPlane
import Simulation

/// A machine on which an application runs: it resolves names, connects, and connects again.
///
/// Its answers from the name server are shared by all of its sessions, as in one process of a real
/// application.
///
/// ```
///   run's start ──▶ runs ── host goes down ──▶ is not there ── host boots ──▶ starts up ──▶ runs
///                                                  └── restart: never ──▶ stays away
/// ```
///
/// An application that comes back remembers nothing: it has no connections, and no answers of the name
/// server. What it does is given to ``run(_:)``, which does it again each time.
final class ClientHost {
  let client: Scenario.Client
  let host: Host
  /// The place among all client hosts of the run; part of a transaction's token.
  let number: Int
  private let names: EndpointNames
  private let nameServer: Address
  private let random: RandomStream
  /// What the application does, in the order in which it begins to.
  private var programs: [(Process) -> Void] = []
  /// The application as it runs now, or as it ran last.
  private var incarnation: Incarnation?

  /// What an application loses when its host goes down.
  private final class Incarnation {
    let process: Process
    let resolver: Resolver
    /// Where the endpoint led last.
    var resolved: HostID?

    init(process: Process, resolver: Resolver) {
      (self.process, self.resolver) = (process, resolver)
    }
  }

  private static let program = "application"

  init(
    client: Scenario.Client, number: Int, host: Host, names: EndpointNames, nameServer: Address
  ) {
    (self.client, self.number, self.host) = (client, number, host)
    (self.names, self.nameServer) = (names, nameServer)
    random = host.simulation.random("client/\(host.name)")
    switch client.restart {
    case .never: begin(in: host.start(Self.program))
    case .after(let startUpTime):
      host.install(Self.program, restartDelay: .zero) { [unowned self] process in
        if incarnation == nil { return begin(in: process) }
        process.spawn { [self] in
          try await process.sleep(for: startUpTime)
          begin(in: process)
        }
      }
    }
  }

  private func begin(in process: Process) {
    var settings = Resolver.Settings()
    settings.lifetime = client.dnsTTL
    incarnation = Incarnation(
      process: process,
      resolver: Resolver(process: process, servers: [nameServer], settings: settings))
    for program in programs { program(process) }
  }

  /// Lets the application do something, now and each time that it has been started anew.
  func run(_ program: @escaping (Process) -> Void) {
    programs.append(program)
    if process.isAlive { program(process) }
  }

  /// The application's process, or the last one that it had.
  var process: Process { present.process }

  private var present: Incarnation {
    guard let incarnation else { preconditionFailure("no application has begun on \(host.name)") }
    return incarnation
  }

  var now: Instant { process.now }

  /// Opens a session through the client's endpoint, trying again and again until it works.
  ///
  /// - Parameters:
  ///   - session: the number of the session in its workload.
  ///   - record: is told of every attempt.
  func connect(
    as user: DatabaseUser = .application, for session: Int = 0,
    telling record: WorkloadRecord? = nil
  ) async throws -> DatabaseConnection {
    let wanted = now
    var pause = client.retryBackoff.lowerBound
    while true {
      let attempt = ConnectAttempt(
        session: session, client: host.name, wanted: wanted, begun: now)
      record?.connects(attempt)
      do {
        let connection = try await connectOnce(as: user, attempt)
        attempt.ended = now
        return connection
      } catch let error as ProcessEnded {
        attempt.fail(error, at: now)
        throw error
      } catch {
        attempt.fail(error, at: now)
        // Whatever it was, the remedy is the same: wait a little longer than the last time, and try again.
        try await process.sleep(for: random.interval(in: pause / 2...pause))
        pause = min(pause * 2, client.retryBackoff.upperBound)
      }
    }
  }

  /// Opens a session to a host whose address is known, once.
  ///
  /// - Parameters:
  ///   - timeout: how long it waits for any one answer, and at most for a connection, where that is not the
  ///     client's.
  ///   - attempt: is told how far it has come.
  func connect(
    to host: HostID, as user: DatabaseUser = .application, timeout: Interval? = nil,
    _ attempt: ConnectAttempt? = nil
  ) async throws -> DatabaseConnection {
    try await DatabaseConnection.open(
      to: Address(host: host, port: Ports.database), from: process, as: user,
      application: client.id,
      connectTimeout: min(timeout ?? client.connectTimeout, client.connectTimeout),
      timeout: timeout ?? client.socketTimeout, attempt)
  }

  private func connectOnce(
    as user: DatabaseUser, _ attempt: ConnectAttempt
  ) async throws -> DatabaseConnection {
    let present = present
    attempt.isCached = present.resolver.knows(endpoint)
    let resolution = try await present.resolver.resolve(endpoint)
    (attempt.resolved, attempt.server) = (now, resolution.host)
    if resolution.host != present.resolved {
      present.resolved = resolution.host
      process.simulation.emit(
        ClientResolved(
          host: process.host.name, instance: names.instance(named: resolution.canonicalName)))
    }
    return try await connect(to: resolution.host, as: user, attempt)
  }

  private var endpoint: String {
    switch client.endpoint {
    case .cluster: names.writer
    case .reader: names.reader
    case .instance(let id): names.instance(id)
    }
  }
}
