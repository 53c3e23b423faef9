import DequeModule

/// A queue between what produces and one task that takes.
public final class Mailbox<Element> {
  private var elements = Deque<Element>()
  private var reader: (process: Process, token: WaitToken)?

  public init() {}

  public var isEmpty: Bool { elements.isEmpty }
  public var count: Int { elements.count }

  public func put(_ element: Element) {
    elements.append(element)
    if let waiting = reader {
      reader = nil
      waiting.process.wake(waiting.token)
    }
  }

  /// The oldest element, now or when one comes.
  ///
  /// - Precondition: no other task waits here.
  /// - Throws: ``ProcessEnded`` if `process` ends first.
  public func take(in process: Process) async throws(ProcessEnded) -> Element {
    while true {
      if let element = elements.popFirst() { return element }
      precondition(reader == nil, "a mailbox has one reader")
      try await process.suspend { reader = (process, $0) }
    }
  }
}
