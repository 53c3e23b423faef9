public import Simulation

/// The database engine of one host: the installed program, which outlives its processes and the host's
/// crashes.
///
/// There are two sides to it. Its host's agent does with it what a service manager does, through the
/// operating system: look into the process table, start, kill. All else the engine does in its own process,
/// when a message asks for it (see `EngineControlPort`): a process that stands still does nothing.
///
/// Nothing here waits: what takes time goes on in the engine's process, and its end is told by ``process``,
/// by ``status`` and by ``onChange``.
public protocol Engine: AnyObject {
  /// The process of the engine that was started last; ended or `nil` when it does not run. It belongs
  /// to the engine alone, so that it can be killed.
  var process: Process? { get }

  /// Starts a process that opens the volume in this role.
  ///
  /// - Precondition: it does not run.
  func start(as role: EngineRole)

  /// Ends the process at once; what clients had under way is lost, as in a crash.
  func stop()

  // MARK: In its own process

  /// To be called with each of its processes, before that does anything.
  var onStart: ((Process) -> Void)? { get set }

  /// To be called at every change of state, role or epoch.
  var onChange: (() -> Void)? { get set }

  /// What it answers to a probe; `nil` if it would not answer, because it hangs.
  var status: EngineStatus? { get }

  /// Makes a running reader the writer: it opens the volume under a new epoch, which fences the writer
  /// before. Whether it takes a new process for that is its own affair; one runs when this returns, and says
  /// that it is a writer.
  func promote()

  /// Points a running reader at another writer, without a restart. It finds its way back to the same
  /// writer by itself; to be told again where that is changes nothing.
  func follow(_ writer: Address?)

  /// The host's CPU and memory have changed; for a buffer pool that goes with them.
  func resize(to capacity: ServerlessCapacity)
}

extension Engine {
  /// An engine whose memory does not go with its capacity has nothing to do.
  public func resize(to capacity: ServerlessCapacity) {}
}
