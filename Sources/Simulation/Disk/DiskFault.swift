/// What is wrong with a disk, as a value.
public enum DiskFault: Hashable, Codable, Sendable {
  /// Every operation takes so many times as long.
  case slow(factor: Int)
  /// The disk stands still for `stall` at the start of each `period`.
  case stalling(stall: Interval, period: Interval)
  /// Every operation takes so much longer.
  case delayed(by: LatencyDistribution.Shape)
  /// Operations are answered with an error, with this probability from 0 to 1.
  case failing(Double)
  /// There is no space: flushes of new bytes are answered with an error. What is written already can be read.
  case full
  /// Flushes are answered, and do nothing: the drive lies.
  case forgetsFlushes
  /// With this probability a write lands some blocks away from where it was meant to be.
  case misdirectingWrites(Double)
  /// With this probability a read gives the contents of a place some blocks away.
  case misdirectingReads(Double)
}

/// A fault of one disk, while it acts: consulted for each operation.
///
/// It has a random stream of its own and draws from it alone.
public final class DiskImpairment: EventTarget {
  public let fault: DiskFault
  /// How many operations it has slowed, failed or led astray: the evidence that it took effect.
  public private(set) var disturbedCount: UInt64 = 0
  private let random: RandomStream
  private let delay: LatencyDistribution?
  private let loop: EventLoop
  /// `nil` when it is healed.
  private unowned(unsafe) var disk: Disk?
  /// Whether the disk stands still now.
  private var isStalling = false

  init(_ fault: DiskFault, of disk: Disk, random: RandomStream, loop: EventLoop) {
    (self.fault, self.disk, self.random, self.loop) = (fault, disk, random, loop)
    if case .delayed(let shape) = fault { delay = LatencyDistribution(shape) } else { delay = nil }
  }

  /// How many blocks of 4 KiB a misdirected operation is off, at most.
  private static let longestMiss = 16
  static let block = 4096

  // MARK: Speed

  /// How many times longer everything takes; 0 while the disk stands still.
  var slowdown: Int64 {
    if case .slow(let factor) = fault { return Int64(max(1, factor)) }
    return isStalling ? 0 : 1
  }

  func begin() {
    switch fault {
    case .slow: changeSpeed()
    case .stalling(let stall, _) where stall > .zero: fire(0)
    default: break
    }
  }

  func end() {
    disk = nil
    isStalling = false
  }

  /// A stall begins, or ends.
  public func fire(_ token: UInt64) {
    guard disk != nil, case .stalling(let stall, let period) = fault else { return }
    isStalling.toggle()
    changeSpeed()
    // A stall as long as its period never ends.
    if isStalling, stall >= period { return }
    loop.schedule(after: isStalling ? stall : period - stall, self)
  }

  private func changeSpeed() {
    guard let disk else { return }
    // What is under way is slower from now on; what comes is counted when it comes.
    if slowdown != 1 { disturbedCount += UInt64(disk.pendingCount) }
    disk.speedMayHaveChanged()
  }

  // MARK: Operations

  /// Decides about an operation that begins now: when it is done, in the disk's time, and whether it fails.
  func strike(_ done: inout Instant, fails: inout Bool, isFlush: Bool) {
    switch fault {
    case .slow, .stalling:
      if slowdown == 1 { return }
    case .delayed:
      let extra = delay?.draw(from: random) ?? .zero
      guard extra > .zero else { return }
      done = done + extra
    case .failing(let probability):
      guard random.chance(probability) else { return }
      fails = true
    case .full:
      guard isFlush else { return }
      fails = true
    case .forgetsFlushes, .misdirectingWrites, .misdirectingReads: return
    }
    disturbedCount += 1
  }

  /// Whether a flush that would be carried out is only answered.
  var swallowsFlush: Bool {
    guard case .forgetsFlushes = fault else { return false }
    disturbedCount += 1
    return true
  }

  /// Where a write, or a read, ends up that was meant for `offset`.
  func landing(of offset: Int, isWrite: Bool) -> Int {
    let probability: Double
    switch fault {
    case .misdirectingWrites(let share) where isWrite: probability = share
    case .misdirectingReads(let share) where !isWrite: probability = share
    default: return offset
    }
    let isStruck = random.chance(probability)
    let distance = (1 + random.index(below: Self.longestMiss)) * Self.block
    guard isStruck else { return offset }
    disturbedCount += 1
    return offset >= distance && random.chance(0.5) ? offset - distance : offset + distance
  }
}

/// What becomes of writes that were not flushed, when power goes.
public enum UnflushedWrites: Hashable, Codable, Sendable {
  /// Each one had reached the medium by luck, or is lost.
  case mayHaveLanded
  /// All are lost.
  case areLost
  /// Each one has landed up to a sector somewhere in its middle.
  case areTorn
}
