import ControlPlane
import Simulation

/// An engine without a database: a process that takes time to open, writes to a ``ScriptedVolume`` while
/// it is the writer, and can be made to crash, to hang, or to take for ever.
final class ScriptedEngine: Engine {
  private(set) var process: Process?
  var onStart: ((Process) -> Void)?
  var onChange: (() -> Void)?
  /// From the start of the process until the volume is asked to open.
  var recovery = Interval.milliseconds(800)
  var isHanging = false
  var refusesToOpen = false
  /// Whether what it is told is lost, as on a loopback whose buffer is full.
  var isDeaf = false
  /// Whether it restarts in order to be promoted.
  var promotesInNewProcess = false
  private(set) var starts = 0
  private(set) var stops = 0
  private(set) var followed: [Address?] = []
  private(set) var capacities: [ServerlessCapacity] = []
  private let host: Host
  private let volume: Address
  private var run: Run?

  init(on host: Host, volume: Address) { (self.host, self.volume) = (host, volume) }

  var status: EngineStatus? {
    guard let run, process?.isAlive ?? false, !isHanging else { return nil }
    return run.status
  }

  func start(as role: EngineRole) {
    precondition(!(process?.isAlive ?? false), "the engine of \(host.name) runs already")
    starts += 1
    isHanging = false
    run(role)
  }

  private func run(_ role: EngineRole) {
    let process = host.start("engine")
    let run = Run(process: process, volume: volume, engine: self, role: role.kind)
    self.process = process
    self.run = run
    onStart?(process)
    process.bind(Run.port, to: run)
    process.spawn { try await run.open(role.kind) }
  }

  func promote() {
    guard let run, process?.isAlive ?? false, !isDeaf else { return }
    if promotesInNewProcess {
      process?.end()
      return self.run(.writer)
    }
    (run.status.role, run.status.state) = (.writer, .recovering)
    process?.spawn { try await run.open(.writer) }
  }

  func follow(_ writer: Address?) { followed.append(writer) }

  func stop() {
    stops += 1
    process?.end()
  }

  func resize(to capacity: ServerlessCapacity) { capacities.append(capacity) }

  /// One process of the engine.
  private final class Run: DatagramHandler {
    static let port: UInt16 = 7300
    var status: EngineStatus
    private let process: Process
    private let volume: Address
    private unowned let engine: ScriptedEngine
    private var requests: UInt32 = 0
    private var waiting: Promise<VolumeMessage>?

    init(process: Process, volume: Address, engine: ScriptedEngine, role: EngineRole.Kind) {
      self.process = process
      self.volume = volume
      self.engine = engine
      status = EngineStatus(state: .starting, role: role)
    }

    func open(_ role: EngineRole.Kind) async throws {
      status.role = role
      move(to: role == .writer ? .recovering : .starting)
      try await process.sleep(for: engine.recovery)
      if role == .reader { return move(to: .available) }
      while engine.refusesToOpen { try await process.sleep(for: .milliseconds(100)) }
      status.epoch = try await ask(ScriptedVolume.open).epoch
      move(to: .available)
      while true {
        try await process.sleep(for: .milliseconds(200))
        if try await ask(ScriptedVolume.write).kind == ScriptedVolume.refused {
          return move(to: .fenced)
        }
        status.durableLSN += 1
      }
    }

    func receive(_ datagram: Datagram) {
      guard let answer = VolumeMessage(datagram.payload), answer.number == requests else { return }
      waiting?.fulfil(answer)
    }

    private func ask(_ kind: UInt8) async throws -> VolumeMessage {
      requests += 1
      let message = VolumeMessage(kind: kind, epoch: status.epoch, number: requests)
      while true {
        let answer = Promise<VolumeMessage>()
        waiting = answer
        process.send(message.bytes, from: Self.port, to: volume)
        let received = try await answer.value(
          in: process, until: process.now + .milliseconds(300))
        if let received { return received }
      }
    }

    private func move(to state: EngineStatus.State) {
      status.state = state
      engine.onChange?()
    }
  }
}
