import DequeModule

/// A queue between what produces and one task that takes.
public final class Mailbox<Element> {
  /// The oldest element: most queues never hold another.
  private var front: Element?
  /// Kept alive by the task that waits.
  @usableFromInline var reader: (process: Unmanaged<Process>, token: WaitToken)?
  private var others = Deque<Element>()

  public init() {}

  public var isEmpty: Bool { front == nil }
  public var count: Int { front == nil ? 0 : 1 + others.count }

  public func put(_ element: Element) {
    if front == nil { front = element } else { others.append(element) }
    if let waiting = reader {
      reader = nil
      waiting.process._withUnsafeGuaranteedRef { $0.wake(waiting.token) }
    }
  }

  /// The oldest element, now or when one comes.
  ///
  /// - Precondition: no other task waits here.
  /// - Throws: ``ProcessEnded`` if `process` ends first.
  @inlinable @inline(__always)
  public func take(in process: Process) async throws(ProcessEnded) -> Element {
    while true {
      if let element = takeFront() { return element }
      if !(await suspendTask(try wait(in: process))) {
        reader = nil
        throw ProcessEnded()
      }
    }
  }

  /// The oldest element, if there is one now.
  public func takeNow() -> Element? { takeFront() }

  @usableFromInline
  func takeFront() -> Element? {
    guard let element = front else { return nil }
    front = others.isEmpty ? nil : others.removeFirst()
    return element
  }

  /// - Returns: the current task, which has to be suspended now.
  @usableFromInline
  func wait(in process: Process) throws(ProcessEnded) -> UnsafeMutableRawPointer {
    precondition(reader == nil, "a mailbox has one reader")
    let token = try process.comeToWait()
    reader = (Unmanaged.passUnretained(process), token)
    return process.tasks.hold(token, in: process)
  }
}
