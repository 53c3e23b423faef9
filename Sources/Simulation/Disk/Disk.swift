/// A disk with real contents: what is written is volatile until it has been flushed.
///
/// ```
///   write ──▶ cache (seen by reads, lost with power) ── flush ──▶ medium
/// ```
///
/// Operations are answered through ``DiskClient``; an operation of a process that has ended meanwhile
/// is carried out by the drive and answered to nobody.
public final class Disk: EventTarget {
  public let name: String
  public var profile: DiskProfile
  public var condition = DiskCondition()
  public private(set) var counters = Counters()
  private unowned(unsafe) let host: Host
  private let random: RandomStream
  private var chunks: [[UInt8]?] = []
  private var cache: [CachedWrite] = []
  private var operations: [Operation?] = []
  private var freeOperations: [Int] = []
  private var busyUntil = Instant.start

  public struct Counters: Sendable, Equatable {
    public var reads: UInt64 = 0
    public var writes: UInt64 = 0
    public var flushes: UInt64 = 0
    public var bytesWritten: UInt64 = 0
    /// Operations that a fault made slower or made fail.
    public var disturbed: UInt64 = 0
  }

  private struct CachedWrite {
    let offset: Int
    let bytes: [UInt8]
  }

  private struct Operation {
    enum Kind {
      case read(offset: Int, count: Int)
      /// The writes that were in the cache when the flush began.
      case flush(writes: Int)
    }
    let kind: Kind
    let process: Process
    let client: any DiskClient
    let token: UInt64
    let fails: Bool
  }

  /// Bytes per chunk of the medium; chunks come into being when they are first written.
  private static let chunkSize = 64 * 1024

  public init(name: String, host: Host, profile: DiskProfile) {
    self.name = name
    self.host = host
    self.profile = profile
    random = host.simulation.random("disk/\(host.name)/\(name)")
    host.addDisk(self)
  }

  /// Operations that have begun and not ended.
  public var pendingCount: Int { operations.count - freeOperations.count }
  /// Bytes in the cache, which a loss of power takes.
  public var unflushedBytes: Int { cache.reduce(0) { $0 + $1.bytes.count } }

  // MARK: Operations

  /// Puts bytes into the drive's cache at once; they reach the medium with the next flush.
  ///
  /// - Precondition: `offset` is not negative.
  public func write(_ bytes: [UInt8], at offset: Int) {
    precondition(offset >= 0, "no disk has an offset \(offset)")
    counters.writes += 1
    counters.bytesWritten += UInt64(bytes.count)
    cache.append(CachedWrite(offset: offset, bytes: bytes))
    occupy(bytes.count)
  }

  /// Makes everything written so far durable, then tells `client`.
  public func flush(for process: Process, _ client: any DiskClient, token: UInt64) {
    counters.flushes += 1
    let latency = profile.write.draw(from: random) + profile.flush.draw(from: random)
    begin(.flush(writes: cache.count), latency: latency, process, client, token)
  }

  /// Reads bytes, then hands them to `client`; what was never written reads as zero.
  public func read(
    at offset: Int, count: Int, for process: Process, _ client: any DiskClient, token: UInt64
  ) {
    counters.reads += 1
    occupy(count)
    let latency = profile.read.draw(from: random)
    begin(.read(offset: offset, count: count), latency: latency, process, client, token)
  }

  private func occupy(_ bytes: Int) {
    let transfer = Interval.nanoseconds(Int64(bytes) * 1_000_000_000 / profile.throughput)
    busyUntil = max(busyUntil, host.simulation.now) + transfer
  }

  private func begin(
    _ kind: Operation.Kind, latency: Interval, _ process: Process, _ client: any DiskClient,
    _ token: UInt64
  ) {
    // Draw before branching: a fault of zero intensity must not shift what follows.
    let luck = random.unit()
    let now = host.simulation.now
    var done = max(now, busyUntil) + latency
    let fails = luck < condition.failureProbability
    if fails || condition.slows(at: now) { counters.disturbed += 1 }
    done = condition.completion(of: done, startedAt: now)
    let operation = Operation(
      kind: kind, process: process, client: client, token: token, fails: fails)
    let index: Int
    if let reused = freeOperations.popLast() {
      index = reused
      operations[index] = operation
    } else {
      index = operations.count
      operations.append(operation)
    }
    host.simulation.loop.schedule(at: done, self, token: UInt64(index))
  }

  public func fire(_ token: UInt64) {
    guard let operation = operations[Int(token)] else { return }
    operations[Int(token)] = nil
    freeOperations.append(Int(token))
    var outcome = DiskOutcome.failed
    if !operation.fails {
      switch operation.kind {
      case .read(let offset, let count):
        outcome = .bytes(contents(at: offset, count: count))
      case .flush(let writes):
        if condition.forgetsFlushes { counters.disturbed += 1 } else { settle(first: writes) }
        outcome = .done
      }
    }
    if operation.process.isAlive {
      operation.client.diskDidComplete(operation.token, outcome)
    }
  }

  // MARK: Contents

  /// What a read returns now, without taking time: for recovery tools and checkers.
  public func contents(at offset: Int, count: Int) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: count)
    result.withUnsafeMutableBytes { target in
      var position = 0
      while position < count {
        let chunk = (offset + position) / Self.chunkSize
        let start = (offset + position) % Self.chunkSize
        let length = min(Self.chunkSize - start, count - position)
        if chunk < chunks.count, let source = chunks[chunk] {
          source.withUnsafeBytes {
            UnsafeMutableRawBufferPointer(rebasing: target[position..<position + length])
              .copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<start + length]))
          }
        }
        position += length
      }
    }
    for write in cache {
      let low = max(offset, write.offset)
      let high = min(offset + count, write.offset + write.bytes.count)
      if low < high {
        result.replaceSubrange(
          (low - offset)..<(high - offset),
          with: write.bytes[(low - write.offset)..<(high - write.offset)])
      }
    }
    return result
  }

  /// Moves the oldest `count` writes from the cache to the medium; earlier flushes may have moved some.
  private func settle(first count: Int) {
    let moved = min(count, cache.count)
    for write in cache.prefix(moved) { store(write) }
    cache.removeFirst(moved)
    // Flushes still under way counted writes that have just left the cache.
    for index in operations.indices {
      guard let operation = operations[index], case .flush(let writes) = operation.kind else {
        continue
      }
      operations[index] = Operation(
        kind: .flush(writes: max(0, writes - moved)), process: operation.process,
        client: operation.client, token: operation.token, fails: operation.fails)
    }
  }

  private func store(_ write: CachedWrite) {
    write.bytes.withUnsafeBytes { source in
      var position = 0
      while position < source.count {
        let chunk = (write.offset + position) / Self.chunkSize
        let start = (write.offset + position) % Self.chunkSize
        let length = min(Self.chunkSize - start, source.count - position)
        while chunks.count <= chunk { chunks.append(nil) }
        if chunks[chunk] == nil { chunks[chunk] = Array(repeating: 0, count: Self.chunkSize) }
        chunks[chunk]?.withUnsafeMutableBytes { target in
          UnsafeMutableRawBufferPointer(rebasing: target[start..<start + length])
            .copyMemory(
              from: UnsafeRawBufferPointer(rebasing: source[position..<position + length]))
        }
        position += length
      }
    }
  }

  /// Power is gone: each cached write had reached the medium by luck, or is lost.
  func losePower() {
    for write in cache where random.chance(0.5) { store(write) }
    cache.removeAll()
    for index in operations.indices where operations[index] != nil {
      operations[index] = nil
      freeOperations.append(index)
    }
  }
}

/// Who is told of a disk operation's end.
public protocol DiskClient: AnyObject {
  func diskDidComplete(_ token: UInt64, _ outcome: DiskOutcome)
}

/// How a disk operation ended.
public enum DiskOutcome {
  case done
  case bytes([UInt8])
  /// The drive reported an error; nothing was read, or it is not known what is durable.
  case failed
}
