public import Simulation

/// The database engine of one host, as its host agent may handle it: what a service manager can do.
///
/// The object stands for the installed program; it outlives the engine's process and the host's
/// crashes. Nothing here waits: what takes time goes on in the engine's process, and its end is told
/// by ``process``, by ``status`` and by ``onChange``.
public protocol Engine: AnyObject {
  /// The process of the engine that was started last; ended or `nil` when it does not run. It belongs
  /// to the engine alone, so that it can be killed.
  var process: Process? { get }

  /// What it answers to a probe; `nil` if it would not answer, because it hangs.
  var status: EngineStatus? { get }

  /// To be called at every change of state, role or epoch. The agent sets it when it has started the
  /// engine.
  var onChange: (() -> Void)? { get set }

  /// Starts a process that opens the volume in this role.
  ///
  /// - Precondition: it does not run.
  func start(as role: EngineRole)

  /// Makes a running reader the writer: it opens the volume under a new epoch, which fences the writer
  /// before. Whether it takes a new process for that is its own affair; one runs when this returns.
  func promote()

  /// Points a running reader at another writer, without a restart. It finds its way back to the same
  /// writer by itself; to be told again where that is changes nothing.
  func follow(_ writer: Address?)

  /// Ends the process at once; what clients had under way is lost, as in a crash.
  func stop()

  /// The host's CPU and memory have changed; for a buffer pool that goes with them.
  func resize(to capacity: ServerlessCapacity)
}

extension Engine {
  /// An engine whose memory does not go with its capacity has nothing to do.
  public func resize(to capacity: ServerlessCapacity) {}
}
