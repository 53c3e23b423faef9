/// A value that will be there once: any number of tasks may wait for it.
public final class Promise<Value> {
  private var value: Value?
  private var waiting: [(process: Process, token: WaitToken)] = []

  public init() {}

  public init(_ value: Value) { self.value = value }

  public var isFulfilled: Bool { value != nil }

  /// Gives the value, now or when it comes.
  ///
  /// - Throws: ``ProcessEnded`` if `process` ends first.
  public func value(in process: Process) async throws(ProcessEnded) -> Value {
    while true {
      if let value { return value }
      try await process.suspend { waiting.append((process, $0)) }
    }
  }

  /// As ``value(in:)``, but gives up at `deadline` and returns `nil`.
  public func value(
    in process: Process, until deadline: Instant
  ) async throws(ProcessEnded) -> Value? {
    if value == nil, deadline > process.now {
      let timer = try await process.suspend(until: deadline) { waiting.append((process, $0)) }
      process.simulation.loop.cancel(timer)
    }
    return value
  }

  /// Sets the value and wakes who waits; a second value is ignored.
  public func fulfil(_ newValue: Value) {
    guard value == nil else { return }
    value = newValue
    let woken = waiting
    waiting = []
    for waiter in woken { waiter.process.wake(waiter.token) }
  }
}
