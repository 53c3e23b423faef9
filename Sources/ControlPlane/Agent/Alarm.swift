import Simulation

/// The one pending wake-up of an object whose deadline moves about.
final class Alarm {
  private let process: Process
  private var timer: TimerID?
  private var instant = Instant.distantFuture

  init(process: Process) { self.process = process }

  /// Wakes `target` at `newInstant`, and not at any instant set before.
  func set(for newInstant: Instant, _ target: any EventTarget, token: UInt64 = 0) {
    guard newInstant != instant else { return }
    if let timer { process.simulation.loop.cancel(timer) }
    instant = newInstant
    guard newInstant < .distantFuture else {
      timer = nil
      return
    }
    timer = process.schedule(at: newInstant, target, token: token)
  }

  /// To be called when it has gone off.
  func reset() {
    timer = nil
    instant = .distantFuture
  }
}
