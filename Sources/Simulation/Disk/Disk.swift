import DequeModule

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
  public let profile: DiskProfile
  private unowned(unsafe) let host: Host
  private let loop: EventLoop
  private let meters: DiskMeters
  private let random: RandomStream
  private var medium = Medium()
  private var cache = Deque<CachedChange>()
  /// Number of the newest write or discard.
  private var changeCount: UInt64 = 0
  private var operations = Slab<Operation>()
  /// In the upper half of a token: timers that were set before the last loss of power, or the last change of speed,
  /// come to nothing.
  private var timing: UInt64 = 0
  /// In which all deadlines here are.
  private var time = DiskTime()
  private var recorder: ActivityRecorder.Pool?
  private var requests: TokenBucket
  private var transfers: TokenBucket
  /// When the last operation's tokens were there.
  private var readyAt = Instant.start
  private var impairments: [DiskImpairment] = []
  /// Called at the next write that goes beyond a sector, once.
  private var onNextWrite: (() -> Void)?

  /// A write that is not on the medium yet, or a discard.
  private struct CachedChange {
    let number: UInt64
    let offset: Int
    let bytes: [UInt8]
    /// How many bytes are discarded; zero for a write.
    var discarded = 0

    var count: Int { bytes.count + discarded }
    var range: Range<Int> { offset..<offset + count }
  }

  private struct Operation {
    enum Kind {
      case read(offset: Int, count: Int)
      /// All writes up to this one go to the medium.
      case flush(through: UInt64)

      var name: String { if case .read = self { "read" } else { "flush" } }
    }
    let kind: Kind
    let process: Process
    let client: any DiskClient
    let token: UInt64
    let fails: Bool
    /// When it is done, in the disk's time.
    let due: Instant
  }

  /// What a drive writes whole or not at all, in bytes.
  private static let sector = 512

  public init(name: String, host: Host, profile: DiskProfile) {
    self.name = name
    self.host = host
    (loop, meters) = (host.loop, DiskMeters(of: host))
    self.profile = profile
    random = host.simulation.random("disk/\(host.name)/\(name)")
    requests = TokenBucket(rate: profile.requestRate, burst: profile.requestBurst)
    transfers = TokenBucket(rate: profile.throughput, burst: profile.transferBurst)
    host.addDisk(self)
  }

  /// Operations that have begun and not ended.
  public var pendingCount: Int { operations.count }
  /// Bytes in the cache, which a loss of power takes.
  public var unflushedBytes: Int { cache.reduce(0) { $0 + $1.bytes.count } }

  // MARK: Operations

  /// Puts bytes into the drive's cache at once; they reach the medium with the next flush.
  ///
  /// - Precondition: `offset` is not negative.
  public func write(_ bytes: [UInt8], at offset: Int) {
    precondition(offset >= 0, "no disk has an offset \(offset)")
    meters.writes += 1
    meters.bytesWritten += bytes.count
    changeCount += 1
    cache.append(CachedChange(number: changeCount, offset: offset, bytes: bytes))
    occupy(bytes.count)
    if let action = onNextWrite, Self.sectorEnds(in: bytes.count, at: offset) > 0 {
      onNextWrite = nil
      action()
    }
  }

  /// Tells the drive that what is in a range is not needed any more: it reads as zeroes from now on.
  ///
  /// Like a write, it reaches the medium with the next flush, and before that a loss of power may undo it.
  public func discard(_ range: Range<Int>) {
    precondition(range.lowerBound >= 0, "no disk has an offset \(range.lowerBound)")
    changeCount += 1
    cache.append(
      CachedChange(
        number: changeCount, offset: range.lowerBound, bytes: [], discarded: range.count))
    occupy(0)
  }

  /// Makes everything written so far durable, then tells `client`.
  public func flush(for process: Process, _ client: any DiskClient, token: UInt64) {
    meters.flushes += 1
    let latency = profile.write.draw(from: random) + profile.flush.draw(from: random)
    begin(.flush(through: changeCount), latency: latency, process, client, token)
  }

  /// Reads bytes, then hands them to `client`; what was never written reads as zero.
  public func read(
    at offset: Int, count: Int, for process: Process, _ client: any DiskClient, token: UInt64
  ) {
    meters.reads += 1
    meters.bytesRead += count
    occupy(count)
    let latency = profile.read.draw(from: random)
    begin(.read(offset: offset, count: count), latency: latency, process, client, token)
  }

  /// Takes the tokens of one request.
  private func occupy(_ bytes: Int) {
    let now = time.reading(at: loop.now)
    readyAt = max(
      readyAt, requests.take(1, at: now), transfers.take(Int64(bytes), at: now))
  }

  private func begin(
    _ kind: Operation.Kind, latency: Interval, _ process: Process, _ client: any DiskClient,
    _ token: UInt64
  ) {
    var done = max(time.reading(at: loop.now), readyAt) + latency
    var fails = false
    if !impairments.isEmpty {
      var isFlush = false
      if case .flush = kind { isFlush = true }
      for impairment in impairments {
        impairment.strike(&done, fails: &fails, isFlush: isFlush)
      }
    }
    let place = operations.insert(
      Operation(
        kind: kind, process: process, client: client, token: token, fails: fails, due: done))
    setTimer(of: place, for: done)
    recorder?.begin(kind.name, slot: place)
  }

  /// Nothing is set while the disk stands still.
  @inline(__always)
  private func setTimer(of place: Int, for due: Instant) {
    guard let instant = time.instant(of: due) else { return }
    loop.schedule(at: instant, self, token: timing << 32 | UInt64(place))
  }

  func record(_ activities: ActivityRecorder) { recorder = activities.pool(host.id, name) }

  public func fire(_ token: UInt64) {
    guard token >> 32 == timing else { return }
    let place = Int(token & 0xFFFF_FFFF)
    let operation = operations.remove(at: place)
    recorder?.end(slot: place)
    var outcome = DiskOutcome.failed
    if case .flush = operation.kind,
      host.simulation.plantedDefects.contains(KernelDefect.errorsAreSilent)
    {
      outcome = .done
    }
    if !operation.fails {
      switch operation.kind {
      case .read(let offset, let count):
        outcome = .bytes(contents(at: landing(of: offset, isWrite: false), count: count))
      case .flush(let number):
        if !impairments.contains(where: { $0.swallowsFlush }) { settle(through: number) }
        outcome = .done
      }
    }
    let process = operation.process
    guard process.isAlive else { return }
    if process.isPaused {
      process.postpone(bytes: 0) { operation.client.diskDidComplete(operation.token, outcome) }
    } else {
      operation.client.diskDidComplete(operation.token, outcome)
    }
  }

  // MARK: Contents

  /// What a read returns now, without taking time: for recovery tools and checkers.
  public func contents(at offset: Int, count: Int) -> [UInt8] {
    let range = offset..<offset + count
    if let piece = medium.piece(range), !cache.contains(where: { $0.range.overlaps(range) }) {
      return piece
    }
    var result = [UInt8](repeating: 0, count: count)
    result.withUnsafeMutableBytes { target in
      medium.read(into: target, at: offset)
      for change in cache {
        let common = change.range.clamped(to: range)
        if common.isEmpty { continue }
        let part = UnsafeMutableRawBufferPointer(
          rebasing: target[common.lowerBound - offset..<common.upperBound - offset])
        if change.discarded > 0 {
          part.initializeMemory(as: UInt8.self, repeating: 0)
        } else {
          let start = common.lowerBound - change.offset
          change.bytes.withUnsafeBytes {
            part.copyMemory(
              from: UnsafeRawBufferPointer(rebasing: $0[start..<start + common.count]))
          }
        }
      }
    }
    return result
  }

  /// Moves changes from the cache to the medium.
  private func settle(through number: UInt64) {
    let isForgetful = host.simulation.plantedDefects.contains(KernelDefect.flushMissesNewest)
    let number = isForgetful ? max(1, number) - 1 : number
    while let first = cache.first?.number, first <= number {
      let change = cache.removeFirst()
      let (count, offset) = (change.count, landing(of: change))
      settle(change, count, at: offset)
    }
  }

  /// Makes the first `count` bytes of a change on the medium.
  private func settle(_ change: consuming CachedChange, _ count: Int, at offset: Int) {
    if change.discarded > 0 {
      medium.discard(offset..<offset + count)
    } else if count == change.count {
      medium.store(change.bytes, at: offset)
    } else {
      medium.store(Array(change.bytes[..<count]), at: offset)
    }
  }

  /// Where a change is made on the medium: only writes go astray.
  private func landing(of change: CachedChange) -> Int {
    change.discarded > 0 ? change.offset : landing(of: change.offset, isWrite: true)
  }

  private func landing(of offset: Int, isWrite: Bool) -> Int {
    if impairments.isEmpty { return offset }
    return impairments.reduce(offset) { $1.landing(of: $0, isWrite: isWrite) }
  }

  /// Puts bytes on the medium as they were when the disk was delivered: before a run, and in no time.
  public func prepare(_ bytes: [UInt8], at offset: Int) { medium.store(bytes, at: offset) }

  // MARK: Faults

  /// Makes something wrong with it, until ``heal(_:)``.
  ///
  /// - Parameter stream: the name of the random stream that the fault draws from.
  public func impair(with fault: DiskFault, stream: String = "impairment") -> DiskImpairment {
    let name = "\(stream)/\(host.name)/\(name)"
    let impairment = DiskImpairment(
      fault, of: self, random: host.simulation.random(name), loop: loop)
    impairments.append(impairment)
    impairment.begin()
    return impairment
  }

  public func heal(_ impairment: DiskImpairment) {
    impairments.removeAll { $0 === impairment }
    impairment.end()
    speedMayHaveChanged()
  }

  /// Lets what is under way go on at the speed that the impairments leave.
  func speedMayHaveChanged() {
    let slowdown = impairments.reduce(1) { $0 * $1.slowdown }
    guard slowdown != time.slowdown else { return }
    time.change(to: slowdown, at: loop.now)
    timing += 1
    for place in operations.places { setTimer(of: place, for: operations[place].due) }
  }

  /// Power is gone, and with it the cache.
  func losePower(_ unflushed: UnflushedWrites) {
    for change in cache {
      switch unflushed {
      case .mayHaveLanded where random.chance(0.5):
        settle(change, change.count, at: change.offset)
      case .areTorn where Self.sectorEnds(in: change.count, at: change.offset) > 0:
        let ends = Self.sectorEnds(in: change.count, at: change.offset)
        let kept =
          (1 + random.index(below: ends)) * Self.sector - change.offset % Self.sector
        settle(change, kept, at: change.offset)
        meters.tornWrites += 1
      default: meters.lostWrites += 1
      }
    }
    cache.removeAll()
    recorder?.endAll()
    operations.removeAll()
    timing += 1
    requests = TokenBucket(rate: profile.requestRate, burst: profile.requestBurst)
    transfers = TokenBucket(rate: profile.throughput, burst: profile.transferBurst)
    readyAt = .start
  }

  /// How many ends of sectors lie inside a write: places at which it can be torn.
  private static func sectorEnds(in count: Int, at offset: Int) -> Int {
    max(0, (offset % sector + count - 1) / sector)
  }

  /// Calls `action` when bytes are in the cache that a loss of power could tear.
  func whenWriting(_ action: @escaping () -> Void) {
    if cache.contains(where: { Self.sectorEnds(in: $0.bytes.count, at: $0.offset) > 0 }) {
      action()
    } else {
      onNextWrite = action
    }
  }

  /// Flips bits of the medium, wherever something has been written.
  ///
  /// - Returns: how many there were to flip.
  func rot(bits: Int, random: RandomStream) -> Int {
    let written = medium.written
    guard !written.isEmpty else { return 0 }
    for _ in 0..<bits {
      let chunk = written[random.index(below: written.count)]
      let byte = random.index(below: Medium.chunkSize)
      medium.flip(1 << UInt8(random.index(below: 8)), ofByte: byte, in: chunk)
    }
    return bits
  }

  /// The drive is gone, and a blank one is in its place.
  public func erase() {
    medium = Medium()
    cache.removeAll()
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
