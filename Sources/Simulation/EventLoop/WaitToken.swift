/// Names one suspension of one task: whatever wakes it later does so once.
public struct WaitToken: Sendable {
  /// Of the task, among those of its loop.
  let index: UInt32
  /// Counts the suspensions of all tasks that have had this index.
  let generation: UInt32

  init(index: UInt32, generation: UInt32) { (self.index, self.generation) = (index, generation) }

  init(raw: UInt64) {
    index = UInt32(truncatingIfNeeded: raw)
    generation = UInt32(truncatingIfNeeded: raw >> 32)
  }

  var raw: UInt64 { UInt64(generation) << 32 | UInt64(index) }
}
