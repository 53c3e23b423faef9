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
