import Simulation

/// The disk of the control plane: one record, written until it is durable.
final class ControlStore: DiskClient {
  private let disk: Disk
  private let process: Process
  private var latest: ControlRecord?
  /// Which version each flush under way makes durable, by its token.
  private var waiting: [(version: UInt64, then: () -> Void)] = []
  private var onLoad: ((ControlRecord?) -> Void)?

  private static let load: UInt64 = 0
  private static let retryDelay = Interval.milliseconds(100)

  init(disk: Disk, process: Process) { (self.disk, self.process) = (disk, process) }

  /// Reads the newest record; `nil` from a blank disk.
  func load(_ then: @escaping (ControlRecord?) -> Void) {
    onLoad = then
    disk.read(at: 0, count: 2 * ControlRecord.slotSize, for: process, self, token: Self.load)
  }

  /// Writes a record, and calls `then` once it is durable.
  ///
  /// - Precondition: its version is above all before.
  func save(_ record: ControlRecord, then: @escaping () -> Void) {
    precondition(record.version > latest?.version ?? 0, "\(record.version) was written before")
    latest = record
    waiting.append((record.version, then))
    write(record)
  }

  private func write(_ record: ControlRecord) {
    disk.write(record.encoded(), at: record.slot)
    disk.flush(for: process, self, token: record.version)
  }

  func diskDidComplete(_ token: UInt64, _ outcome: DiskOutcome) {
    switch (token, outcome) {
    case (Self.load, .bytes(let bytes)):
      let loaded = onLoad
      onLoad = nil
      latest = ControlRecord.newest(in: bytes)
      loaded?(latest)
    case (_, .failed):
      process.simulation.loop.schedule(at: process.now + Self.retryDelay, owner: process) {
        [self] in
        if token == Self.load, let onLoad {
          load(onLoad)
        } else if let latest {
          write(latest)
        }
      }
    default:
      // Whoever waits for an older version waits in vain for that one, but a newer one says more.
      let done = waiting.filter { $0.version <= token }
      waiting.removeAll { $0.version <= token }
      for save in done { save.then() }
    }
  }
}
