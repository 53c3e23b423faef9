internal import CKernel

/// Names one suspension of one task: whatever wakes it later does so once.
public struct WaitToken {
  /// Whose place is its loop's, and stays when the task has ended.
  let task: TaskTable.Reference
  /// Counts the suspensions of all tasks that have had this place.
  let generation: UInt32

  /// The same in every run, for traces and digests.
  var number: UInt64 { UInt64(generation) << 32 | UInt64(task.pointee.index) }

  init(task: TaskTable.Reference, generation: UInt32) {
    (self.task, self.generation) = (task, generation)
  }

  /// - Parameter number: as ``number`` tells it.
  init(task: TaskTable.Reference, number: UInt64) {
    self.init(task: task, generation: UInt32(truncatingIfNeeded: number >> 32))
  }
}
