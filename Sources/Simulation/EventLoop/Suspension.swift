import CKernel

// How a task of a `TaskQueue` begins, stops and goes on: by the kernel's own means, or by what Swift supports.
//
// ```
//                     the kernel's own                           trait SupportedExecutor
//   begins            a gate's actor, then beginTask             Task(executorPreference:)
//   stops             borealis_suspend_task: keeps the context   withUnsafeContinuation
//   goes on           borealis_run_task: one jump                the continuation's job, handed to the queue, is run
// ```
//
// Both run the same tasks in the same order, so that a run has the same digest. The first is proven at start-up to do
// what it takes for granted; see `RuntimeProof`.

#if SupportedExecutor

  extension TaskQueue: TaskExecutor {
    /// The job of the task that begins or goes on.
    struct Arrival {
      var job: UnownedJob?
    }

    /// Takes the job of the task that starts, or of the one that is about to go on.
    func enqueue(_ job: consuming ExecutorJob) {
      precondition(
        starting != nil || running != nil,
        "a task has waited for something that is not part of the simulation")
      precondition(arrival.job == nil, "two tasks go on at once")
      if let task = starting {
        starting = nil
        task.pointee.job = unsafeBitCast(UnownedJob(job), to: UnsafeMutableRawPointer.self)
      } else {
        arrival.job = UnownedJob(job)
      }
    }

    func isCurrent(_ task: Reference) -> Bool { task == running }

    /// Runs a task until it waits or ends.
    func run(_ task: Reference) {
      running = task
      if let suspended = task.pointee.suspended {
        task.pointee.suspended = nil
        let continuation = unsafeBitCast(suspended, to: UnsafeContinuation<Bool, Never>.self)
        continuation.resume(returning: task.pointee.outcome)
      } else if let job = task.pointee.job {
        arrival.job = unsafeBitCast(job, to: UnownedJob.self)
      }
      while let job = arrival.job {
        arrival.job = nil
        job.runSynchronously(on: asUnownedTaskExecutor())
      }
      running = nil
    }

    /// What runs within needs no task around it, but a place: tasks are numbered by theirs, in the digest too.
    func drive(through gate: Gate, _ body: () -> Void) {
      let place = takePlace()
      body()
      leavePlace(place)
    }

    func returnToDriver() {}
  }

  /// What a simulation's tasks are created on.
  struct Gate {
    private let queue: TaskQueue

    init(_ queue: TaskQueue) { self.queue = queue }

    /// Creates a task.
    func start(_ body: @escaping () async -> Void, as task: TaskQueue.Reference) {
      nonisolated(unsafe) let body = body
      let queue = queue
      _ = Task(executorPreference: queue) {
        await body()
        queue.taskHasEnded()
      }
    }
  }

  /// Suspends the current task, which this must be.
  ///
  /// - Returns: what it was woken with.
  @usableFromInline
  func suspendTask(_ task: UnsafeMutableRawPointer) async -> Bool {
    await withUnsafeContinuation { (continuation: UnsafeContinuation<Bool, Never>) in
      task.assumingMemoryBound(to: borealis_task.self).pointee.suspended = unsafeBitCast(
        continuation, to: UnsafeMutableRawPointer.self)
    }
  }

#else

  extension TaskQueue: SerialExecutor {
    struct Arrival {
      /// Whether the task that runs has been suspended by the runtime, only to go on here at once.
      var isHopping = false
    }

    /// Takes the job of the task that starts, or of the one that runs and makes sure of the gate's executor.
    func enqueue(_ job: consuming ExecutorJob) {
      let job = unsafeBitCast(UnownedJob(job), to: UnsafeMutableRawPointer.self)
      if let task = starting {
        starting = nil
        task.pointee.job = job
        task.pointee.suspended_by_runtime = true
      } else {
        precondition(
          running?.pointee.job == job,
          "a task has waited for something that is not part of the simulation")
        arrival.isHopping = true
        running?.pointee.suspended_by_runtime = true
      }
    }

    /// Any thread may say that it is the gate's: there is only one.
    func checkIsolated() {}

    func isCurrent(_ task: Reference) -> Bool { task.pointee.job == borealis_current_job() }

    /// Runs a task until it waits or ends.
    @inline(__always)
    func run(_ task: Reference) {
      repeat {
        (running, arrival.isHopping) = (task, false)
        borealis_run_task(task)
      } while arrival.isHopping
      running = nil
    }

    /// Runs the body as a task, which for the runtime is the current one whenever none of the simulation's is.
    func drive(through gate: Gate, _ body: () -> Void) {
      let task = takePlace()
      (starting, driver) = (task, task)
      withoutActuallyEscaping(body) { body in
        gate.start { [self] in
          body()
          returnToDriver()
        }
        precondition(starting == nil, "the driver did not start")
        run(task)
      }
      driver = nil
      leavePlace(task)
    }

    func returnToDriver() {
      guard let driver else { preconditionFailure("tasks run within the driver") }
      borealis_return_to_task(driver)
    }
  }

  /// What a simulation's tasks are created on, so that their jobs come to the queue.
  actor Gate {
    private nonisolated let queue: TaskQueue

    init(_ queue: TaskQueue) { self.queue = queue }

    nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }

    /// Creates a task.
    nonisolated func start(_ body: @escaping () async -> Void, as task: TaskQueue.Reference) {
      nonisolated(unsafe) let (body, task) = (body, task)
      // A task whose closure is isolated to the gate begins on its executor, and needs no preference for one,
      // which the runtime would look up, behind a lock, at each of its steps.
      assumeIsolated { gate in
        _ = Task {
          await gate.run(body, as: task)
          gate.queue.taskHasEnded()
        }
      }
    }

    /// Creates a task that never waits.
    nonisolated func start(_ body: @escaping () -> Void) {
      nonisolated(unsafe) let body = body
      assumeIsolated { gate in
        _ = Task { gate.run(body) }
      }
    }

    /// Runs the body without isolation, so that nothing that it calls makes for another executor.
    @concurrent
    private nonisolated func run(_ body: () async -> Void, as task: TaskQueue.Reference) async {
      let executor = unsafeBitCast(unownedExecutor, to: (UInt, UInt).self)
      _ = await beginTask(task, executor.0, executor.1)
      await body()
    }

    private func run(_ body: () -> Void) { body() }
  }

  /// Has the runtime hand the current task's job to the executor; see `suspension.c`.
  @_silgen_name("borealis_begin_task")
  private func beginTask(
    _ task: TaskTable.Reference, _ executor: UInt, _ conformance: UInt
  ) async -> Bool

  /// Suspends the current task, which this must be.
  ///
  /// - Returns: what it was woken with.
  @usableFromInline
  @_silgen_name("borealis_suspend_task")
  func suspendTask(_ task: UnsafeMutableRawPointer) async -> Bool

#endif
