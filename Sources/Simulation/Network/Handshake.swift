/// The opening of a connection: SYN there, SYN-ACK back, again and again until it works.
final class Handshake {
  private let client: Connection
  private let outcome: Promise<ConnectionError?>
  private var stage = Stage.request
  private var retryDelay = Interval.seconds(1)

  private enum Stage {
    case request
    case accepted(by: Connection)
    case refused
  }

  init(client: Connection, outcome: Promise<ConnectionError?>) {
    (self.client, self.outcome) = (client, outcome)
  }

  func start() {
    stage = .request
    if !launch(from: client.local.host, to: client.remote.host) { retry() }
  }

  /// The packet in the air has arrived.
  func advance() {
    guard client.process.isAlive, !outcome.isFulfilled else { return }
    switch stage {
    case .request: reachServer()
    case .accepted(let server):
      guard server.process.isAlive else { return outcome.fulfil(.reset) }
      outcome.fulfil(nil)
    case .refused: outcome.fulfil(.refused)
    }
  }

  private func reachServer() {
    let simulation = client.process.simulation
    let host = simulation.hosts[client.remote.host.index]
    guard host.isUp else { return retry() }
    guard let binding = host.ports[client.remote.port],
      case .connections(let acceptor) = binding.receiver
    else {
      stage = .refused
      if !launch(from: host.id, to: client.local.host) { retry() }
      return
    }
    // The answer's fate is known before the server sees the connection: it never accepts a half-open
    // one, and the client simply asks again.
    guard simulation.network.fate(from: host, to: client.process.host, bytes: 0) != nil else {
      return retry()
    }
    let server = Connection(process: binding.process, local: client.remote, remote: client.local)
    Connection.join(client, server)
    stage = .accepted(by: server)
    acceptor.accept(server)
    if !launch(from: host.id, to: client.local.host) { outcome.fulfil(.reset) }
  }

  private func launch(from source: HostID, to target: HostID) -> Bool {
    let simulation = client.process.simulation
    let network = simulation.network
    guard
      let delay = network.fate(
        from: simulation.hosts[source.index], to: simulation.hosts[target.index], bytes: 0)
    else { return false }
    network.launch(.handshake(self), at: simulation.now + delay)
    return true
  }

  private func retry() {
    let process = client.process
    process.simulation.loop.schedule(at: process.now + retryDelay, owner: process) { [self] in
      if !outcome.isFulfilled { start() }
    }
    retryDelay = min(retryDelay * 2, .seconds(32))
  }
}

extension Process {
  /// Opens a connection.
  ///
  /// - Throws: ``ConnectionError/refused`` if nobody listens, ``ConnectionError/timedOut`` if nothing is
  ///   heard within `timeout`, ``ProcessEnded`` if this process ends meanwhile.
  public func connect(to address: Address, timeout: Interval) async throws -> Connection {
    guard isAlive else { throw ProcessEnded() }
    let local = Address(host: host.id, port: ephemeralPort())
    let connection = Connection(process: self, local: local, remote: address)
    let outcome = Promise<ConnectionError?>()
    Handshake(client: connection, outcome: outcome).start()
    let answer = try await outcome.value(in: self, until: now + timeout)
    if outcome.isFulfilled {
      // `answer` is doubly optional: no answer, or an answer that names no error.
      if let error = answer ?? nil {
        connection.abort()
        throw error
      }
      return connection
    }
    outcome.fulfil(.timedOut)
    connection.abort()
    throw ConnectionError.timedOut
  }
}
