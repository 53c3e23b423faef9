import DequeModule
import Simulation
import Volume

extension VolumeClient: WritableVolume {}

/// An instance while it is the writer: the volume's driver, the engine over it, its sessions, and the stream
/// to its readers.
final class WriterMode: LogSource {
  let volume: VolumeClient
  let engine: StorageEngine
  let server: SessionServer
  private let process: Process
  private var publisher: LogPublisher?
  /// Whether the driver has stopped, by an injected crash of the dispatcher.
  private(set) var isHalted = false
  var onFenced: (() -> Void)?
  /// Told of each commit when it is durable.
  var onCommit: ((LSN) -> Void)?
  /// Commits above the VDL.
  private var commits = Deque<LSN>()

  private init(
    volume: VolumeClient, engine: StorageEngine, server: SessionServer, process: Process
  ) {
    (self.volume, self.engine, self.server, self.process) = (volume, engine, server, process)
  }

  /// Opens the volume under a new epoch, and then the doors.
  static func open(
    _ configuration: DatabaseInstance.Configuration, in process: Process,
    services: any InstanceServices
  ) async throws -> WriterMode {
    let volume = try await VolumeClient.open(
      process: process, geometry: configuration.geometry, opener: UInt32(configuration.number))
    let engine = try await StorageEngine.open(
      process: process, store: volume, poolCapacity: configuration.poolCapacity)
    let server = SessionServer(
      process: process, engine: engine, services: services,
      maximumConnections: configuration.maximumConnections,
      standbyDelay: configuration.standbyDelay)
    let writer = WriterMode(volume: volume, engine: engine, server: server, process: process)
    writer.connect(configuration)
    return writer
  }

  private func connect(_ configuration: DatabaseInstance.Configuration) {
    let publisher = LogPublisher(
      process: process, source: self, port: configuration.replicationPort)
    self.publisher = publisher
    volume.onAppend = { range, bytes in publisher.appended(range, bytes) }
    volume.onDurable = { [unowned self] _ in becameDurable() }
    volume.onFenced = { [unowned self] _ in onFenced?() }
    engine.onTransactionBegan = { publisher.began($0.value) }
    engine.onTransactionEnded = { publisher.ended($0.value, at: $1) }
    engine.onTableLocked = { publisher.locked($0, $1) }
    engine.onCommitMarked = { [unowned self] in commits.append($0) }
    process.listen(on: configuration.databasePort, server)
    process.onEnd { [self] in disconnect() }
  }

  /// Takes apart what holds itself: the engine tells the publisher, which asks the engine.
  private func disconnect() {
    volume.onAppend = nil
    volume.onDurable = nil
    volume.onFenced = nil
    engine.onTransactionBegan = nil
    engine.onTransactionEnded = nil
    engine.onTableLocked = nil
    engine.onCommitMarked = nil
    publisher = nil
  }

  /// Rolls back what the writer before left unfinished, beside new work.
  func rollBackInterrupted() async throws {
    guard engine.hasInterrupted else { return }
    try await engine.rollBackInterrupted()
  }

  /// What the readers have told of themselves.
  var members: [ReplicaStatus] { publisher?.members ?? [] }

  /// Lets the readers hear of the writer, too.
  func tellStatus(_ own: @escaping () -> ReplicaStatus) { publisher?.ownStatus = own }

  /// Lets some of the replication fail.
  func fail(_ failure: ReplicaFailure) { publisher?.failures.add(failure) }

  /// Stops the driver and nothing else.
  func halt() {
    isHalted = true
    volume.halt()
  }

  private func becameDurable() {
    guard let publisher else { return }
    while let lsn = commits.first, lsn <= volume.volumeDurableLSN {
      commits.removeFirst()
      onCommit?(lsn)
    }
    publisher.becameDurable()
    readersMoved()
  }

  func readersMoved() {
    guard let publisher else { return }
    volume.minimumReadPoint = max(
      volume.minimumReadPoint, min(publisher.oldestReadPoint, volume.volumeDurableLSN))
    let oldest = publisher.oldestTransaction
    engine.oldestReaderTransaction = oldest == .max ? nil : TransactionID(oldest)
  }

  // MARK: LogSource

  var epoch: VolumeEpoch { volume.epoch }

  var durablePoint: DurablePoint {
    DurablePoint(
      lsn: volume.volumeDurableLSN, groupTails: volume.groupTails, announced: process.date)
  }

  var nextTransaction: UInt64 { engine.nextTransaction.value }

  func activeTransactions(asOf lsn: LSN) -> [UInt64] {
    engine.activeTransactions(asOf: lsn).map(\.value)
  }
}
