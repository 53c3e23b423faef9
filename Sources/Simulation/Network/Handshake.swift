/// The opening of a connection: SYN there, SYN-ACK back, again and again until it works.
final class Handshake {
  private let client: Connection
  private let outcome: Promise<ConnectionError?>
  private let flow: UInt64
  private var stage = Stage.request
  private var retryDelay = Interval.seconds(1)

  private enum Stage {
    case request
    case accepted(by: Connection)
    case refused
  }

  init(client: Connection, outcome: Promise<ConnectionError?>) {
    (self.client, self.outcome) = (client, outcome)
    flow = client.process.host.network.newFlow()
  }

  func start() {
    stage = .request
    if !launch(from: client.process.host, to: server) { retry() }
  }

  private var server: Host { client.process.simulation.hosts[client.remote.host.index] }

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
    guard server.isUp else { return retry() }
    // The answer is on its way before the server sees the connection: it never accepts a half-open one,
    // and a client whose answer is lost simply asks again.
    guard launch(from: server, to: client.process.host) else { return retry() }
    guard let binding = server.ports[client.remote.port], let acceptor = binding.acceptor else {
      stage = .refused
      return
    }
    let accepted = Connection(process: binding.process, local: client.remote, remote: client.local)
    Connection.join(client, accepted)
    stage = .accepted(by: accepted)
    // A paused process has its connections completed by its host's kernel, and finds them later.
    if binding.process.isPaused {
      binding.process.postpone(bytes: 0) { acceptor.accept(accepted) }
    } else {
      acceptor.accept(accepted)
    }
  }

  /// Sends a packet of the handshake; a link that refuses it ends the handshake.
  private func launch(from source: Host, to target: Host) -> Bool {
    let departure = source.network.send(
      .handshake(self), from: source, to: target.id, bytes: 0, flow: flow)
    if departure == .refused { outcome.fulfil(.refused) }
    return departure != .lost
  }

  private func retry() {
    let simulation = client.process.simulation
    simulation.loop.schedule(at: simulation.now + retryDelay, owner: client.process) { [self] in
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
