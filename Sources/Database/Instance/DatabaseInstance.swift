public import Simulation
public import Volume

/// A DB instance: the engine as it is installed on a host, through all its starts, roles and crashes.
///
/// ```
///   start(writer) ──▶ starting ──▶ recovering ──▶ available (writer) ──▶ fenced
///   start(reader) ──▶ starting ──────────────────▶ available (reader)
///                                                     │ promote
///                                                     └──▶ recovering ──▶ available (writer)
///   any of them ── crash, stop ──▶ stopped
/// ```
///
/// It decides nothing about roles: its host agent tells it what to be. What it is, it says through
/// ``state``, ``role`` and the trace event ``EngineStateChanged``.
public final class DatabaseInstance {
  public enum Role: String, Sendable {
    case writer, reader
  }

  public enum State: String, Sendable {
    case stopped, starting, recovering, available, fenced
  }

  /// What does not change from start to start.
  public struct Configuration: Sendable {
    public var identifier: String
    /// The place among the instances of the cluster, from 0: its mark when it opens the volume.
    public var number: Int
    public var geometry: VolumeGeometry
    public var databasePort: UInt16
    public var replicationPort: UInt16
    /// From the start of the process until it begins to work: loading the program, allocating memory.
    public var startUpTime: Interval
    /// Size of the buffer pool, in pages.
    public var poolCapacity: Int
    public var maximumConnections: Int
    /// How long a reader's statements may hold up what it has to apply.
    public var standbyDelay = SessionServer.standbyDelay

    public init(
      identifier: String, number: Int, geometry: VolumeGeometry, databasePort: UInt16,
      replicationPort: UInt16, startUpTime: Interval = .seconds(2), poolCapacity: Int = 4096,
      maximumConnections: Int = 1_700
    ) {
      self.identifier = identifier
      self.number = number
      self.geometry = geometry
      (self.databasePort, self.replicationPort) = (databasePort, replicationPort)
      (self.startUpTime, self.poolCapacity) = (startUpTime, poolCapacity)
      self.maximumConnections = maximumConnections
    }
  }

  /// The program's name among the processes of its host.
  public static let programName = "engine"

  public let configuration: Configuration
  public let host: Host
  /// The process that was started last.
  public private(set) var process: Process?
  public private(set) var state = State.stopped
  public private(set) var role = Role.reader
  /// Called with each process that is started, before that does anything.
  public var onStart: ((Process) -> Void)?
  /// Told of what this instance commits, and shows as a reader.
  public var replicationObserver: (any ReplicationObserver)?
  /// Called at every change of ``state`` or ``role``.
  public var onChange: (() -> Void)?
  private(set) var mode = Mode.none
  /// Of the process that runs: what storage nodes are ordered to let fail.
  private var segmentFaults: SegmentFaultInjector?
  /// Replica failures that were injected here, over all processes.
  var replicaFailures: [ReplicaFailure] = []
  /// How many faults were injected here, over all processes.
  private(set) var injectionCount = 0
  /// When ``processorPercent`` was measured last, and what had been used of the CPUs by then.
  private var processorLook = (instant: Instant.start, usage: Processor.Usage())
  private var processorPercent = 0.0
  /// Bytes that the process has declared for its buffer pool.
  private var poolMemory = 0

  enum Mode {
    case none
    case writer(WriterMode)
    case reader(ReaderMode)
  }

  public init(_ configuration: Configuration, on host: Host) {
    (self.configuration, self.host) = (configuration, host)
  }

  public var identifier: String { configuration.identifier }

  // MARK: What it is told

  /// Starts a process that opens the volume.
  ///
  /// - Parameter writer: where a reader finds its writer; `nil` while nobody knows.
  /// - Precondition: it does not run, and its host is up.
  public func start(as role: Role, following writer: Address? = nil) {
    precondition(process?.isAlive != true, "\(identifier) runs already")
    let process = host.start(Self.programName, for: .instance(identifier))
    self.process = process
    poolMemory = 0
    // Not a weak reference to the process: it would make every later retain use a slow side table.
    process.onEnd { [weak self, incarnation = process.incarnation] in
      if let self, self.process?.incarnation == incarnation { ended() }
    }
    onStart?(process)
    enter(.starting, role)
    process.spawn { [self] in
      takePoolMemory(Self.share(of: host.memory.capacity))
      try await process.sleep(for: configuration.startUpTime)
      switch role {
      case .writer: try await openAsWriter(in: process)
      case .reader: openAsReader(in: process, following: writer)
      }
    }
  }

  /// Makes a running reader the writer. Its sessions end; its cache, which may lack the last changes,
  /// starts anew.
  public func promote() {
    guard let process, process.isAlive, case .reader(let reader) = mode else { return }
    reader.leave()
    mode = .none
    replicationObserver?.readerLeft(configuration.number)
    enter(.recovering, .writer)
    process.spawn { [self] in try await openAsWriter(in: process) }
  }

  /// Points a reader at a writer.
  public func follow(_ writer: Address?) {
    if case .reader(let reader) = mode { reader.follow(writer) }
  }

  /// The buffer pool's share of the host's memory: two thirds, as the samples of the User Guide show. What the run
  /// itself keeps of it is the pages that are really cached.
  private static func share(of memory: Int) -> Int {
    memory < Memory.endless ? memory / 3 * 2 : 0
  }

  /// Declares so many bytes for the buffer pool, instead of those that were declared before.
  private func takePoolMemory(_ bytes: Int) {
    guard let process, process.isAlive else { return }
    let before = poolMemory
    poolMemory = bytes
    if bytes > before { process.allocate(bytes - before) } else { process.release(before - bytes) }
  }

  /// Goes by another size of the host's memory, in bytes.
  ///
  /// To be called before the host has less, and when it has more.
  public func resizeMemory(to size: Int) {
    let share = Self.share(of: size)
    engine?.poolCapacity = share / Page.size
    takePoolMemory(share)
  }

  /// Ends the process at once.
  public func stop() { process?.end() }

  // MARK: What it says

  /// Whether it would answer a probe: an instance whose dispatcher is dead hangs.
  public var isResponsive: Bool {
    if case .writer(let writer) = mode { return !writer.isHalted }
    return true
  }

  /// The volume epoch under which it writes, or which it follows.
  public var epoch: VolumeEpoch {
    switch mode {
    case .none: .none
    case .writer(let writer): writer.volume.epoch
    case .reader(let reader): reader.state.epoch
    }
  }

  /// Everything up to here is durable, as far as it knows.
  public var durableLSN: LSN {
    switch mode {
    case .none: .zero
    case .writer(let writer): writer.volume.volumeDurableLSN
    case .reader(let reader): reader.state.durable.lsn
    }
  }

  /// How far a reader is behind its writer: the age of the newest durable point that it has applied.
  public var lag: Interval {
    if case .reader(let reader) = mode { reader.lag } else { .zero }
  }

  /// Everything up to here is complete, as the driver knows; `nil` unless it is the writer.
  public var completeLSN: LSN? {
    if case .writer(let writer) = mode { writer.volume.volumeCompleteLSN } else { nil }
  }

  /// What its sessions do just now.
  public var sessions: [SessionStatus] { server?.status ?? [] }

  public var connectionCount: Int { server?.sessionCount ?? 0 }

  public var activeTransactionCount: Int { engine?.activeTransactionCount ?? 0 }

  /// Of the process that runs.
  var engine: StorageEngine? {
    switch mode {
    case .none: nil
    case .writer(let writer): writer.engine
    case .reader(let reader): reader.engine
    }
  }

  private var server: SessionServer? {
    switch mode {
    case .none: nil
    case .writer(let writer): writer.server
    case .reader(let reader): reader.server
    }
  }

  // MARK: Opening

  private func openAsWriter(in process: Process) async throws {
    enter(.recovering, .writer)
    do {
      let writer = try await WriterMode.open(configuration, in: process, services: self)
      writer.onFenced = { [weak self] in self?.fenced() }
      writer.onCommit = { [weak self] in self?.replicationObserver?.commitBecameDurable($0) }
      writer.tellStatus { [unowned self] in ownStatus }
      mode = .writer(writer)
      enter(.available, .writer)
      try await writer.rollBackInterrupted()
    } catch is VolumeError {
      // Another opener was faster, or the process ended: in either case this one writes nothing.
      fenced()
    }
  }

  private func openAsReader(in process: Process, following writer: Address?) {
    let reader = ReaderMode(configuration, in: process, services: self)
    reader.onOpen = { [weak self] in self?.enter(.available, .reader) }
    reader.onShow = { [weak self] lsn in
      guard let self else { return }
      replicationObserver?.reader(configuration.number, shows: lsn)
    }
    reader.ownStatus = { [unowned self] in ownStatus }
    mode = .reader(reader)
    reader.follow(writer)
  }

  private func fenced() {
    guard process?.isAlive == true, state != .fenced else { return }
    if case .writer(let writer) = mode { writer.server.shutDown() }
    enter(.fenced, .writer)
  }

  /// Orders storage nodes to let segments fail; for as long as the engine runs.
  func injectSegmentFault(
    _ fault: SegmentFault, into segments: [SegmentID], for interval: Interval
  ) {
    guard let process, process.isAlive else { return }
    let injector =
      segmentFaults ?? SegmentFaultInjector(process: process, geometry: configuration.geometry)
    segmentFaults = injector
    injector.inject(fault, into: segments, for: interval)
  }

  /// A number that no other injection of a run has.
  func nextInjection() -> UInt64 {
    injectionCount += 1
    return UInt64(configuration.number) << 32 | UInt64(injectionCount)
  }

  private func ended() {
    mode = .none
    segmentFaults = nil
    replicationObserver?.readerLeft(configuration.number)
    enter(.stopped, role)
  }

  private func enter(_ state: State, _ role: Role) {
    guard self.state != state || self.role != role else { return }
    (self.state, self.role) = (state, role)
    host.simulation.emit(
      EngineStateChanged(instance: identifier, role: role, state: state, epoch: epoch.number))
    onChange?()
  }
}

extension DatabaseInstance: InstanceServices {
  public var isReader: Bool { role == .reader }

  /// Its own row at first hand, and those of the others as it heard of them: the writer from each of its
  /// readers, a reader from the writer.
  public func replicaStatus() -> [ReplicaStatus] {
    let now = host.date
    let heard: [ReplicaStatus] =
      switch mode {
      case .none: []
      case .writer(let writer): writer.members
      case .reader(let reader): reader.state.told
      }
    let others = heard.filter {
      $0.serverID != identifier && ($0.lastUpdate ?? now) + ReplicaStatus.lifetime >= now
    }
    return (others + [ownStatus]).sorted {
      ($0.isWriter ? 0 : 1, $0.serverID) < ($1.isWriter ? 0 : 1, $1.serverID)
    }
  }

  /// How much of the host's CPU time has been used, measured over a second at least.
  private func measureProcessor() -> Double {
    let now = host.simulation.now
    if now - processorLook.instant >= .seconds(1) {
      let usage = host.processor.usage
      processorPercent = usage.utilization(since: processorLook.usage) * 100
      processorLook = (now, usage)
    }
    return processorPercent
  }

  private var ownStatus: ReplicaStatus {
    var own = ReplicaStatus(
      serverID: identifier,
      sessionID: ReplicaStatus.writerSessionID,
      durableLSN: durableLSN, activeTransactions: activeTransactionCount)
    if case .reader(let reader) = mode {
      own.sessionID = reader.sessionID
      own.lastError = reader.lastError
      own.logStreamSpeed = reader.streamSpeed
      own.reads = reader.reads
      own.highestReceivedLSN = reader.state.highestReceived
      own.currentReadLSN = durableLSN
      own.replayLatency = reader.replayLatency
      own.replicaLag = reader.lag
      own.oldestReadViewLSN = engine.map { min(durableLSN, $0.oldestReadPoint) }
      own.oldestTransaction = engine?.oldestTransactionNeeded.value
    }
    own.processorPercent = measureProcessor()
    return own
  }
}
