/// The vCPUs of a host, shared at their present speed among all that has work to do.
///
/// A model: generalized processor sharing. With capacity for `c` vCPUs and `n` pieces of work, each piece has
/// `min(1, c / n)` of a vCPU at every moment, so that a short one is not held up by a long one, and a change of the
/// capacity concerns what is left of the work under way. What is charged is CPU seconds on a vCPU of nominal speed; a
/// Serverless instance has fractional capacity.
///
/// ```
///   work ──▶ its finish, in service = service so far + its cost ──▶ heap: the next to finish first
///
///   service so far   ╱‾   one line for all pieces, since all have the same share:
///                 __╱     its slope changes when n, the capacity or the theft does
/// ```
///
/// Nothing is done for a piece of work between its beginning and its end, however often the slope changes. A piece that
/// nobody waits for costs no event either: its end is noticed when somebody looks next.
///
/// Service is counted in 1/4096 ns, and rounded down where the slope changes: work may be done some nanoseconds too
/// late, and is never done too early. The account of time is exact.
///
/// Source: Parekh and Gallager, "A generalized processor sharing approach to flow control", IEEE/ACM Transactions on
/// Networking 1(3), 1993; the service so far is their virtual time.
public final class Processor: EventTarget {
  /// In vCPUs; may be fractional.
  public private(set) var capacity: Double
  /// How many times slower it is because neighbours on the same machine take its time; 1 if none do.
  public private(set) var theft: Int64 = 1

  /// The time that vCPUs had something to do, in whole nanoseconds; brought up to date with the account.
  private let meter: Meter
  private unowned(unsafe) let loop: EventLoop
  /// In 1/64 of a vCPU.
  private var parts: Int64
  private var work = WorkHeap()
  /// Of processes that are paused, in order of their beginnings, with what is left of their costs.
  private var held: [(work: Work, left: Int64)] = []
  private var count: UInt64 = 0

  // The line of service: where its present stretch began, and its slope.
  private var bend = Instant.start
  private var serviceAtBend: Int64 = 0
  private var slope = Slope(parts: 64, running: 0, theft: 1)

  // The account, in 1/64 ns of a vCPU, up to an instant.
  private var accounted = Instant.start
  private var busyParts: UInt64 = 0
  private var offeredParts: UInt64 = 0
  private var stolen = Interval.zero
  /// Of `busyParts`, when the theft last changed.
  private var busyAtTheft: UInt64 = 0

  /// How many of the pieces in the heap somebody waits for.
  private var awaited = 0
  private var timer: (id: TimerID, due: Instant)?
  /// Who waits for pieces of work other than the task that has begun them, by their numbers.
  private var targets = LookupTable<UInt64, (target: any EventTarget, token: UInt64)>()

  private static let partsOfVCPU: Int64 = 64

  init(capacity: Double, busy meter: Meter, loop: EventLoop) {
    (self.capacity, self.meter, self.loop) = (capacity, meter, loop)
    parts = Self.parts(of: capacity)
    slope = Slope(parts: parts, running: 0, theft: 1)
  }

  private static func parts(of capacity: Double) -> Int64 {
    precondition(capacity > 0, "a host needs some capacity, not \(capacity) vCPUs")
    return max(1, Int64((capacity * Double(partsOfVCPU)).rounded()))
  }

  // MARK: Work

  /// Begins a piece of work of a process, and wakes a task when it is done.
  func run(_ cost: Interval, of process: Process, waking token: WaitToken) {
    begin(cost, of: process, token)
  }

  /// Begins a piece of work of a process that nobody waits for, unless ``finish(_:telling:token:)`` is called.
  func run(_ cost: Interval, of process: Process) { begin(cost, of: process, nil) }

  private func begin(_ cost: Interval, of process: Process, _ token: WaitToken?) {
    settle()
    count += 1
    let own = max(0, cost.nanoseconds) << Self.fraction
    let piece = Work(
      finish: service(at: loop.now) + own, number: count,
      process: Unmanaged.passUnretained(process), token: token, isAwaited: token != nil)
    if process.isPaused {
      held.append((piece, own))
    } else {
      add(piece)
      arm()
    }
  }

  /// Tells somebody when all is done that a process has begun until now.
  ///
  /// - Returns: whether it is done already, and nobody is told.
  func finish(_ process: Process, telling target: any EventTarget, token: UInt64) -> Bool {
    settle()
    let process = Unmanaged.passUnretained(process)
    let own = held.indices.filter { held[$0].work.process.isSame(as: process) }
    // Of those with as much left, the one that began last is done last.
    if let last = own.max(by: { (held[$0].left, $0) < (held[$1].left, $1) }) {
      held[last].work.isAwaited = true
      targets[held[last].work.number] = (target, token)
      return false
    }
    guard let last = work.last(where: { $0.process.isSame(as: process) }) else { return true }
    precondition(!work[last].isAwaited, "somebody waits for this work already")
    work[last].isAwaited = true
    targets[work[last].number] = (target, token)
    awaited += 1
    arm()
    return false
  }

  /// How many pieces of work there are that want a vCPU now.
  public var runnable: Int {
    settle()
    return work.count
  }

  /// How long the vCPUs would need for all that is left of the work that there is.
  public var backlog: Interval {
    settle()
    let service = service(at: loop.now)
    let left = work.reduce(into: Int128(0)) { $0 += Int128(max(0, $1.finish - service)) }
    return .nanoseconds(
      Int64((left * Int128(Self.partsOfVCPU * theft) / Int128(parts)) >> Int128(Self.fraction)))
  }

  // MARK: Changes

  /// Changes the capacity, for the work under way as for what comes.
  public func resize(to capacity: Double) {
    settle()
    let parts = Self.parts(of: capacity)
    account()
    (self.capacity, self.parts) = (capacity, parts)
    reconsider()
    arm()
  }

  /// Makes it so many times slower than it is, until ``giveBack(_:)``.
  func steal(_ factor: Int) { changeTheft(to: theft * Int64(factor)) }

  func giveBack(_ factor: Int) { changeTheft(to: theft / Int64(factor)) }

  private func changeTheft(to theft: Int64) {
    settle()
    account()
    (stolen, busyAtTheft) = (timeStolen, busyParts)
    self.theft = theft
    reconsider()
    arm()
  }

  /// Forgets the work of a process that has ended.
  func drop(_ process: Process) {
    guard !work.isEmpty || !held.isEmpty else { return }
    settle()
    account()
    let process = Unmanaged.passUnretained(process)
    for (piece, _) in held where piece.process.isSame(as: process) {
      targets.removeValue(forKey: piece.number)
    }
    held.removeAll { $0.work.process.isSame(as: process) }
    for piece in work.removeAll(where: { $0.process.isSame(as: process) }) {
      leave(piece)
      targets.removeValue(forKey: piece.number)
    }
    reconsider()
    arm()
  }

  /// Gives up the piece of work that a task of a process waits for, if it has not been done; the task is not woken.
  func withdraw(_ token: WaitToken, of process: Process) {
    settle()
    account()
    let process = Unmanaged.passUnretained(process)
    func isMeant(_ piece: Work) -> Bool {
      piece.token?.number == token.number && piece.process.isSame(as: process)
    }
    held.removeAll { isMeant($0.work) }
    for piece in work.removeAll(where: isMeant) { leave(piece) }
    reconsider()
    arm()
  }

  /// Takes the vCPUs from a process that is paused.
  func hold(_ process: Process) {
    settle()
    account()
    let service = service(at: loop.now)
    let process = Unmanaged.passUnretained(process)
    let pieces = work.removeAll { $0.process.isSame(as: process) }
    for piece in pieces.sorted(by: { $0.number < $1.number }) {
      leave(piece)
      held.append((piece, max(0, piece.finish - service)))
    }
    reconsider()
    arm()
  }

  /// Lets the work of a process that was paused go on.
  func letGo(_ process: Process) {
    settle()
    let service = service(at: loop.now)
    let process = Unmanaged.passUnretained(process)
    for (piece, left) in held where piece.process.isSame(as: process) {
      var piece = piece
      piece.finish = service + left
      add(piece)
    }
    held.removeAll { $0.work.process.isSame(as: process) }
    arm()
  }

  // MARK: The account

  /// What there was of the vCPUs' time, and what of it was used.
  ///
  /// With theft, a vCPU that has something to do counts as busy also while neighbours have it: the guest waits for it,
  /// and cannot have more. Whoever asks for utilization so gets 1 from a processor that is saturated, and never more.
  public struct Usage: Equatable, Sendable {
    fileprivate var busyParts: UInt64 = 0
    fileprivate var offeredParts: UInt64 = 0

    public init() {}

    /// The share that was used since then, from 0 to 1; 0 if no time has passed.
    public func utilization(since earlier: Usage) -> Double {
      let offered = offeredParts - earlier.offeredParts
      return offered > 0 ? Double(busyParts - earlier.busyParts) / Double(offered) : 0
    }
  }

  public var usage: Usage {
    settle()
    account()
    var usage = Usage()
    (usage.busyParts, usage.offeredParts) = (busyParts, offeredParts)
    return usage
  }

  /// The time that vCPUs had something to do, all of them together, at nominal speed.
  public var busy: Interval {
    settle()
    account()
    return .nanoseconds(Int64(busyParts / UInt64(Self.partsOfVCPU)))
  }

  /// How much of that time neighbours have taken.
  public var timeStolen: Interval {
    settle()
    account()
    let since = (busyParts - busyAtTheft) / UInt64(Self.partsOfVCPU)
    return stolen + .nanoseconds(Int64(since) / theft * (theft - 1))
  }

  /// Brings the account up to now.
  private func account() { account(to: loop.now) }

  private func account(to instant: Instant) {
    let elapsed = UInt64((instant - accounted).nanoseconds)
    if elapsed == 0 { return }
    accounted = instant
    let before = busyParts / UInt64(Self.partsOfVCPU)
    busyParts += elapsed * UInt64(min(Int64(work.count) * Self.partsOfVCPU, parts))
    meter += Int(busyParts / UInt64(Self.partsOfVCPU) - before)
    offeredParts += elapsed * UInt64(parts)
  }

  // MARK: Service

  /// Service per nanosecond, as a fraction.
  private struct Slope: Equatable {
    let numerator: Int64
    let denominator: Int64
    /// A whole vCPU for each piece, and no theft.
    let isFull: Bool

    init(parts: Int64, running: Int, theft: Int64) {
      let asked = Int64(running) * Processor.partsOfVCPU
      isFull = asked <= parts && theft == 1
      if asked <= parts {
        (numerator, denominator) = (1 << Processor.fraction, theft)
      } else {
        (numerator, denominator) = (parts << Processor.fraction, asked * theft)
      }
    }
  }

  /// Of a nanosecond: bits of service behind its point.
  private static let fraction: Int64 = 12

  @inline(__always)
  private func service(at instant: Instant) -> Int64 {
    let elapsed = (instant - bend).nanoseconds
    if slope.isFull { return serviceAtBend + elapsed << Self.fraction }
    return serviceAtBend
      + Int64(Int128(elapsed) * Int128(slope.numerator) / Int128(slope.denominator))
  }

  /// The first instant at which there has been so much service; none before the bend.
  @inline(__always)
  private func instant(of service: Int64) -> Instant {
    let missing = max(0, service - serviceAtBend)
    if slope.isFull {
      return bend + .nanoseconds((missing + (1 << Self.fraction) - 1) >> Self.fraction)
    }
    let product = Int128(missing) * Int128(slope.denominator)
    let numerator = Int128(slope.numerator)
    return bend + .nanoseconds(Int64((product + numerator - 1) / numerator))
  }

  /// Bends the line at an instant, if the share of a piece of work is another one from then on.
  @inline(__always)
  private func reconsider(at instant: Instant? = nil) {
    let next = Slope(parts: parts, running: work.count, theft: theft)
    if next == slope { return }
    let instant = instant ?? loop.now
    (serviceAtBend, bend, slope) = (service(at: instant), instant, next)
  }

  private func add(_ piece: Work) {
    account()
    work.insert(piece)
    if piece.isAwaited { awaited += 1 }
    reconsider()
  }

  /// Takes note that a piece has left the heap.
  private func leave(_ piece: Work) { if piece.isAwaited { awaited -= 1 } }

  /// Brings the heap up to now: lets go of what has been done, unless somebody waits for it, who is told by a timer
  /// of this very instant.
  @inline(__always)
  private func settle() {
    if !work.isEmpty { settleWork() }
  }

  private func settleWork() {
    while let first = work.first, !first.isAwaited {
      let end = instant(of: first.finish)
      guard end <= loop.now else { return }
      depart(at: end)
    }
  }

  /// Takes the first piece out, which is done.
  private func depart(at instant: Instant) {
    // What was begun with no cost at all may have been done before the account was last brought up to date.
    let instant = max(instant, accounted)
    account(to: instant)
    leave(work.removeFirst())
    reconsider(at: instant)
  }

  // MARK: The timer

  /// Sets the timer for the first end of any work, if somebody waits for some.
  private func arm() {
    guard awaited > 0, let first = work.first else {
      if let timer { loop.cancel(timer.id) }
      timer = nil
      return
    }
    let due = instant(of: first.finish)
    if let timer {
      if timer.due == due { return }
      loop.cancel(timer.id)
    }
    timer = (loop.schedule(at: due, self), due)
  }

  public func fire(_ token: UInt64) {
    timer = nil
    while let first = work.first {
      let end = instant(of: first.finish)
      guard end <= loop.now else { break }
      depart(at: end)
      guard first.isAwaited else { continue }
      if let token = first.token {
        loop.tasks.wake(token)
      } else if let (target, token) = targets.removeValue(forKey: first.number) {
        target.fire(token)
      }
    }
    arm()
  }

  /// Loses power: all work is gone.
  func reset() {
    settle()
    account()
    work.removeAll()
    held.removeAll()
    targets = LookupTable()
    awaited = 0
    reconsider()
    arm()
  }
}
