/// Somebody who looks on while a run runs, and must not change it: it may read anything, and schedule,
/// draw and send nothing.
public protocol EventObserver: AnyObject {
  /// An event is about to fire; the loop's clock stands at its instant already.
  ///
  /// - Parameters:
  ///   - token: what the scheduler of the event gave along.
  ///   - owner: the process whose end would have cancelled the event.
  func willFire(_ target: any EventTarget, token: UInt64, owner: Process?)

  /// A task is about to be woken, or has been already if no process is given and it had one.
  ///
  /// - Parameters:
  ///   - token: names the task's suspension.
  ///   - process: in which it waits.
  func willWake(task token: UInt64, in process: Process?)
}
