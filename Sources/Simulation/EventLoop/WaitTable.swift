/// The tasks that wait in one place, each under a token that wakes it once.
///
/// ```
///   task ── suspend(register) ──▶ waits[index] holds its job
///   timer, packet, lock, page … ── wake(token) ──▶ the queue of those that are ready
/// ```
final class WaitTable {
  private struct Wait {
    var job: UnownedJob?
    var generation: UInt32
    /// Of a place where nobody waits: the one that was left before it.
    var nextFree: UInt32
  }

  private let queue: TaskQueue
  private let gate: Gate
  private var waits: UnsafeMutablePointer<Wait>
  private var capacity = 8
  /// Places that were ever used.
  private var count = 0
  private var firstFree = WaitTable.none
  private var isClosed = false

  private static let none = UInt32.max

  init(loop: EventLoop) {
    (queue, gate) = (loop.tasks, loop.gate)
    waits = .allocate(capacity: capacity)
  }

  deinit { waits.deallocate() }

  /// Suspends the current task until ``wake(_:)`` is called with the token given to `register`.
  ///
  /// - Returns: whether it was that, and not ``close()``.
  @inline(__always)
  func suspend(_ register: (WaitToken) -> Void) async -> Bool {
    let index = takePlace()
    let token = WaitToken(index: index, generation: waits[Int(index)].generation)
    register(token)
    guard waits[Int(index)].generation == token.generation else { return true }
    guard !isClosed else { return false }
    queue.expect(in: self, at: Int(index))
    return await gate.pass()
  }

  @inline(__always)
  private func takePlace() -> UInt32 {
    let place = firstFree
    if place == Self.none { return addPlace() }
    firstFree = waits[Int(place)].nextFree
    return place
  }

  @inline(never)
  private func addPlace() -> UInt32 {
    if count == capacity {
      let more = UnsafeMutablePointer<Wait>.allocate(capacity: capacity * 2)
      more.moveInitialize(from: waits, count: count)
      waits.deallocate()
      waits = more
      capacity *= 2
    }
    (waits + count).initialize(to: Wait(job: nil, generation: 0, nextFree: Self.none))
    count += 1
    return UInt32(count - 1)
  }

  /// Takes in the job of the task that has just come to wait.
  @inline(__always)
  func park(_ job: UnownedJob, at index: Int) { waits[index].job = job }

  /// Wakes the task that was suspended with this token; nothing happens if it is awake already.
  @inline(__always)
  func wake(_ token: WaitToken) {
    let wait = waits + Int(token.index)
    guard wait.pointee.generation == token.generation else { return }
    let job = wait.pointee.job.take()
    wait.pointee.generation &+= 1
    wait.pointee.nextFree = firstFree
    firstFree = token.index
    if let job { queue.append(job, outcome: true) }
  }

  /// Wakes every task that waits, in the order of their places; nothing can wait here afterwards.
  func close() {
    isClosed = true
    for place in 0..<count {
      guard let job = waits[place].job.take() else { continue }
      waits[place].generation &+= 1
      queue.append(job, outcome: false)
    }
  }
}

extension WaitTable: EventTarget {
  func fire(_ token: UInt64) { wake(WaitToken(raw: token)) }
}

/// Names one suspension of one task.
public struct WaitToken: Sendable {
  let index: UInt32
  let generation: UInt32

  init(index: UInt32, generation: UInt32) { (self.index, self.generation) = (index, generation) }

  init(raw: UInt64) {
    index = UInt32(truncatingIfNeeded: raw)
    generation = UInt32(truncatingIfNeeded: raw >> 32)
  }

  var raw: UInt64 { UInt64(generation) << 32 | UInt64(index) }
}
