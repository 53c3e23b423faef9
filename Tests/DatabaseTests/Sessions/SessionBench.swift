import Simulation
import Testing

@testable import Database
@testable import SQL
@testable import Volume

/// A server over a volume in memory, and clients on another host that talk bytes to it.
final class SessionBench: InstanceServices {
  let simulation: Simulation
  let serverProcess: Process
  let clientProcess: Process
  private(set) var store: MemoryStore?
  private(set) var engine: StorageEngine?
  private(set) var server: SessionServer?
  let address: Address
  private var isDone = false
  private var failure: (any Error)?

  var identifier: String { "writer-1" }
  var isReader = false
  private(set) var injected: [InjectedCrash] = []
  private(set) var storageFaults: [InjectedStorageFault] = []
  /// `0.5 of r1 for 20s`
  private(set) var replicaFailures: [String] = []
  var crashesAtOnce = false

  init(seed: UInt64 = 1) {
    simulation = Simulation(seed: seed)
    let region = simulation.addRegion("us-east-1", zones: ["a"])
    let host = simulation.addHost("db", in: region.zone("a"), capacity: 2)
    let client = simulation.addHost("client", in: region.zone("a"), capacity: 2)
    serverProcess = host.start("engine")
    clientProcess = client.start("client")
    address = Address(host: host.id, port: 5432)
  }

  /// Opens the server, runs a body in the client's process to its end, on virtual time.
  static func run(
    seed: UInt64 = 1, for limit: Interval = .seconds(3600), connections: Int = 100,
    standbyDelay: Interval = SessionServer.standbyDelay,
    _ body: @escaping (SessionBench) async throws -> Void
  ) throws {
    let bench = SessionBench(seed: seed)
    let opened = Promise<Bool>()
    bench.serverProcess.spawn {
      do {
        try await bench.open(connections, standbyDelay)
      } catch {
        bench.failure = error
      }
      opened.fulfil(true)
    }
    bench.clientProcess.spawn {
      _ = try await opened.value(in: bench.clientProcess)
      do { try await body(bench) } catch { bench.failure = error }
      bench.isDone = true
    }
    bench.simulation.loop.run(until: .start + limit)
    bench.simulation.shutDown()
    if let failure = bench.failure { throw failure }
    #expect(bench.isDone, "seed \(seed): the test still waits for something")
  }

  private func open(_ connections: Int, _ standbyDelay: Interval) async throws {
    let store = MemoryStore(process: serverProcess)
    let engine = try await StorageEngine.open(
      process: serverProcess, store: store, poolCapacity: 4096)
    let server = SessionServer(
      process: serverProcess, engine: engine, services: self, maximumConnections: connections,
      standbyDelay: standbyDelay)
    (self.store, self.engine, self.server) = (store, engine, server)
    serverProcess.listen(on: 5432, server)
  }

  func connect() async throws -> TestClient {
    let client = try await TestClient(clientProcess, address)
    try await client.start()
    return client
  }

  /// Starts a task of the client and gives its result when it is asked for.
  func start<Value>(
    _ body: @escaping () async throws -> Value
  ) -> Promise<Result<Value, any Error>> {
    let promise = Promise<Result<Value, any Error>>()
    clientProcess.spawn {
      do { promise.fulfil(.success(try await body())) } catch { promise.fulfil(.failure(error)) }
    }
    return promise
  }

  func replicaStatus() -> [ReplicaStatus] {
    [
      ReplicaStatus(
        serverID: identifier, sessionID: ReplicaStatus.writerSessionID, durableLSN: LSN(7),
        lastUpdate: simulation.now)
    ]
  }

  func volumeStatus() -> VolumeStatus { VolumeStatus(diskCount: 6, nodeCount: 12) }

  func injectCrash(_ part: InjectedCrash, by client: Address) {
    injected.append(part)
    if crashesAtOnce { serverProcess.end() }
  }

  func inject(_ fault: InjectedStorageFault, by client: Address) { storageFaults.append(fault) }

  func injectReplicaFailure(
    share: Double, of replica: String?, for interval: Interval, by client: Address
  ) {
    replicaFailures.append("\(share) of \(replica ?? "all") for \(interval)")
  }
}
