import Simulation

/// The disk of the control plane: one record, written until it is durable.
///
/// One write at a time: the slot that a write overwrites holds the record before the last, which must not
/// go before the last is safe. What is to be saved meanwhile waits, and only the newest of it is written.
final class ControlStore: DiskClient {
  private let disk: Disk
  private let process: Process
  /// What was saved last, durable or not; nothing before the disk has been read.
  private var latest: ControlRecord?
  private var writing: UInt64?
  private var waiting: [(version: UInt64, then: () -> Void)] = []
  private var onLoad: ((ControlRecord?) -> Void)?

  /// Tells a read from the flushes, whose tokens are versions, which begin at 1.
  private static let load: UInt64 = 0
  private static let retryDelay = Interval.milliseconds(100)

  init(disk: Disk, process: Process) { (self.disk, self.process) = (disk, process) }

  /// Reads the newest record; `nil` from a blank disk.
  func load(_ then: @escaping (ControlRecord?) -> Void) {
    onLoad = then
    read()
  }

  /// Writes a record, and calls `then` once it, or a later one, is durable.
  ///
  /// - Precondition: its version is above all before.
  func save(_ record: ControlRecord, then: @escaping () -> Void) {
    precondition(record.version > latest?.version ?? 0, "\(record.version) was written before")
    latest = record
    waiting.append((record.version, then))
    if writing == nil { write() }
  }

  /// Calls `then` once everything saved so far is durable; at once if it is.
  func whenDurable(_ then: @escaping () -> Void) {
    guard writing != nil, let latest else { return then() }
    waiting.append((latest.version, then))
  }

  private func read() {
    disk.read(at: 0, count: 2 * ControlRecord.slotSize, for: process, self, token: Self.load)
  }

  private func write() {
    guard let latest else { return }
    writing = latest.version
    disk.write(latest.encoded(), at: latest.slot)
    disk.flush(for: process, self, token: latest.version)
  }

  func diskDidComplete(_ token: UInt64, _ outcome: DiskOutcome) {
    switch (token, outcome) {
    case (Self.load, .bytes(let bytes)):
      let loaded = onLoad
      onLoad = nil
      latest =
        process.has(ControlDefect.forgetsItsRecord) ? nil : ControlRecord.newest(in: bytes)
      loaded?(latest)
    case (_, .failed):
      process.schedule(at: process.now + Self.retryDelay) { [self] in
        if token == Self.load { read() } else { write() }
      }
    default:
      writing = nil
      let done = waiting.filter { $0.version <= token }
      waiting.removeAll { $0.version <= token }
      if !waiting.isEmpty { write() }
      for save in done { save.then() }
    }
  }
}
