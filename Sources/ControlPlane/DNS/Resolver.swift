public import Simulation

/// Resolves names for one process, and remembers the answers for as long as it may.
///
/// What a stub resolver with a cache does: all look-ups of a name within its lifetime give the same
/// host, which is why a burst of connections to the reader endpoint lands on one reader.
public final class Resolver: DatagramHandler {
  /// How it asks, and how long it believes.
  public struct Settings: Hashable, Sendable {
    /// For one server to answer one query.
    public var timeout = Interval.seconds(1)
    /// Queries per look-up before it gives up.
    public var attempts = 4
    /// Answers are kept so long, whatever their TTL says: the habit of some runtimes, such as the JVM, which has
    /// a time of its own. Without it, their TTL holds.
    public var lifetime: Interval?

    public init() {}
  }

  /// What a name stood for.
  public struct Resolution: Hashable, Sendable {
    public let host: HostID
    /// The name at the end of the CNAMEs: an instance endpoint.
    public let canonicalName: String
    /// When it is no longer to be relied on.
    public let expires: Instant

    public func remainingLifetime(at now: Instant) -> Interval { max(.zero, expires - now) }
  }

  private let process: Process
  private let servers: [Address]
  private let settings: Settings
  private let port: UInt16
  private var cache = LookupTable<String, Resolution>()
  private var pending: [Query] = []
  private var queryCount: UInt16 = 0
  private var nextServer = 0

  private struct Query {
    let id: UInt16
    let name: String
    let server: Address
    let answer: Promise<DNSMessage>
  }

  /// - Precondition: there is a server.
  public init(process: Process, servers: [Address], settings: Settings = Settings()) {
    precondition(!servers.isEmpty, "a resolver needs somebody to ask")
    self.process = process
    self.servers = servers
    self.settings = settings
    port = process.ephemeralPort()
    process.bind(port, to: self)
  }

  /// Gives the host that a name stands for.
  ///
  /// - Throws: ``ResolutionError``, or ``ProcessEnded``.
  public func resolve(_ name: String) async throws -> Resolution {
    if let known = cached(name) { return known }
    var failure = ResolutionError.timedOut
    for attempt in 0..<settings.attempts {
      let asked = process.now
      guard let response = try await ask(name) else { continue }
      switch response.code {
      case .success:
        guard let resolution = conclude(response, at: process.now) else {
          failure = .serverFailure
          break
        }
        cache[name] = resolution
        return resolution
      case .nameError: throw ResolutionError.noSuchName
      case .formatError, .serverFailure: failure = .serverFailure
      }
      // A server that answers with an error does so at once; the next attempt waits its turn.
      if attempt + 1 < settings.attempts {
        try await process.sleep(until: asked + settings.timeout)
      }
    }
    throw failure
  }

  /// Whether the next look-up of a name will be answered without asking anybody.
  public func knows(_ name: String) -> Bool { cached(name) != nil }

  private func cached(_ name: String) -> Resolution? {
    if process.has(ControlDefect.keepsAnswers) { return cache[name] }
    return cache[name].flatMap { $0.expires > process.now ? $0 : nil }
  }

  /// Forgets what it knows, so that the next look-up asks.
  public func removeAll() { cache.removeAll() }

  public func receive(_ datagram: Datagram) {
    guard let response = DNSMessage(decoding: datagram.payload), response.isResponse,
      let query = pending.first(where: { $0.id == response.id }),
      query.name == response.question, query.server == datagram.source
    else { return }
    query.answer.fulfil(response)
  }

  /// One query to one server; `nil` if it did not answer in time.
  private func ask(_ name: String) async throws(ProcessEnded) -> DNSMessage? {
    queryCount &+= 1
    let id = queryCount
    let query = Query(
      id: id, name: name, server: servers[nextServer], answer: Promise<DNSMessage>())
    nextServer = (nextServer + 1) % servers.count
    pending.append(query)
    defer { pending.removeAll { $0.id == id } }
    let message = DNSMessage(id: id, isResponse: false, question: name)
    process.send(message.encoded(), from: port, to: query.server)
    return try await query.answer.value(in: process, until: process.now + settings.timeout)
  }

  /// Follows the aliases of a response to an address; `nil` if it does not lead to one.
  private func conclude(_ response: DNSMessage, at now: Instant) -> Resolution? {
    var name = response.question
    var lifetime = Interval.forever
    for _ in 0...response.answers.count {
      guard let record = response.answers.first(where: { $0.name == name }) else { return nil }
      lifetime = min(lifetime, .seconds(Int64(record.lifetime)))
      switch record.value {
      case .alias(let next): name = next
      case .address(let host):
        return Resolution(
          host: host, canonicalName: name, expires: now + (settings.lifetime ?? lifetime))
      }
    }
    return nil
  }
}

/// Why a name could not be resolved.
public enum ResolutionError: Error, Equatable, Sendable {
  /// No server answered.
  case timedOut
  /// A server answered that it cannot tell at present.
  case serverFailure
  /// There is no such name.
  case noSuchName

  public var isRetryable: Bool { self != .noSuchName }
}
