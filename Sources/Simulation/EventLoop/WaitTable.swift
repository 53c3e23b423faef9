/// The tasks that wait in one place, each under a token that wakes it once.
///
/// ```
///   task ── suspend(register) ──▶ waits[index] holds its job
///   timer, packet, lock, page … ── wake(token) ──▶ the queue of those that are ready
/// ```
final class WaitTable {
  private struct Wait {
    var job: UnownedJob?
    var generation: UInt32 = 0
  }

  private let queue: TaskQueue
  private let gate: Gate
  private var waits = ContiguousArray<Wait>()
  private var free = ContiguousArray<UInt32>()
  private var isClosed = false

  init(loop: EventLoop) { (queue, gate) = (loop.tasks, loop.gate) }

  /// Suspends the current task until ``wake(_:)`` is called with the token given to `register`.
  ///
  /// - Returns: whether it was that, and not ``close()``.
  @inline(__always)
  func suspend(_ register: (WaitToken) -> Void) async -> Bool {
    let index: UInt32
    if let reused = free.popLast() {
      index = reused
    } else {
      index = UInt32(waits.count)
      waits.append(Wait())
    }
    let token = WaitToken(index: index, generation: waits[Int(index)].generation)
    register(token)
    guard waits[Int(index)].generation == token.generation else { return true }
    guard !isClosed else { return false }
    queue.expect(in: self, at: Int(index))
    return await gate.pass()
  }

  /// Takes in the job of the task that has just come to wait.
  @inline(__always)
  func park(_ job: UnownedJob, at index: Int) { waits[index].job = job }

  /// Wakes the task that was suspended with this token; nothing happens if it is awake already.
  @inline(__always)
  func wake(_ token: WaitToken) {
    let job = waits.withUnsafeMutableBufferPointer { waits -> UnownedJob?? in
      let index = Int(token.index)
      guard waits[index].generation == token.generation else { return nil }
      waits[index].generation &+= 1
      return waits[index].job.take()
    }
    guard let job else { return }
    free.append(token.index)
    if let job { queue.append(job, outcome: true) }
  }

  /// Wakes every task that waits, in the order of their places; nothing can wait here afterwards.
  func close() {
    isClosed = true
    for index in waits.indices {
      guard let job = waits[index].job else { continue }
      waits[index].job = nil
      waits[index].generation &+= 1
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
