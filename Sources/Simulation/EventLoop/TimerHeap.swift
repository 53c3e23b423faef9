/// The agenda: a 4-ary heap of instants over a slab of what to call.
///
/// Heap entries are 24 bytes without references, so that sifting moves plain memory; targets stand
/// still in `slots`. Events of one instant come out in the order in which they were put in.
struct TimerHeap {
  struct Slot {
    var target: (any EventTarget)?
    var owner: Process?
    var token: UInt64 = 0
    var generation: UInt32 = 0
  }

  private struct Entry {
    var instant: Int64
    var sequence: UInt64
    var slot: UInt32

    @inline(__always)
    static func precedes(_ lhs: Entry, _ rhs: Entry) -> Bool {
      lhs.instant != rhs.instant ? lhs.instant < rhs.instant : lhs.sequence < rhs.sequence
    }
  }

  private var entries = ContiguousArray<Entry>()
  private var slots = ContiguousArray<Slot>()
  private var free: [UInt32] = []
  private var sequence: UInt64 = 0

  var count: Int { entries.count }
  var earliest: Instant? { entries.first.map { Instant(nanoseconds: $0.instant) } }

  mutating func insert(
    at instant: Instant, target: any EventTarget, owner: Process?, token: UInt64
  ) -> TimerID {
    let slot: UInt32
    if let reused = free.popLast() {
      slot = reused
      slots[Int(slot)].target = target
      slots[Int(slot)].owner = owner
      slots[Int(slot)].token = token
    } else {
      slot = UInt32(slots.count)
      slots.append(Slot(target: target, owner: owner, token: token))
    }
    sequence += 1
    siftUp(Entry(instant: instant.nanoseconds, sequence: sequence, slot: slot))
    return TimerID(slot: slot, generation: slots[Int(slot)].generation)
  }

  /// Makes the event come to nothing; its entry leaves the heap when its time comes.
  mutating func cancel(_ timer: TimerID) {
    guard slots[Int(timer.slot)].generation == timer.generation else { return }
    slots[Int(timer.slot)].target = nil
    slots[Int(timer.slot)].owner = nil
    slots[Int(timer.slot)].generation &+= 1
  }

  /// Removes the earliest event; `nil` as target if it was cancelled.
  ///
  /// - Precondition: the heap is not empty.
  mutating func popMin() -> (instant: Instant, slot: Slot) {
    let first = entries[0]
    let last = entries.removeLast()
    if !entries.isEmpty { siftDown(last) }
    let index = Int(first.slot)
    let slot = slots[index]
    slots[index].target = nil
    slots[index].owner = nil
    slots[index].generation &+= 1
    free.append(first.slot)
    return (Instant(nanoseconds: first.instant), slot)
  }

  private mutating func siftUp(_ entry: Entry) {
    entries.append(entry)
    entries.withUnsafeMutableBufferPointer { heap in
      var index = heap.count - 1
      while index > 0 {
        let parent = (index - 1) >> 2
        if !Entry.precedes(entry, heap[parent]) { break }
        heap[index] = heap[parent]
        index = parent
      }
      heap[index] = entry
    }
  }

  private mutating func siftDown(_ entry: Entry) {
    entries.withUnsafeMutableBufferPointer { heap in
      let count = heap.count
      var index = 0
      var child = 1
      while child < count {
        var least = child
        var other = child + 1
        let end = min(child + 4, count)
        while other < end {
          if Entry.precedes(heap[other], heap[least]) { least = other }
          other += 1
        }
        if !Entry.precedes(heap[least], entry) { break }
        heap[index] = heap[least]
        index = least
        child = (index << 2) + 1
      }
      heap[index] = entry
    }
  }
}

/// Names a scheduled event, so that it can be cancelled; harmless once the event has fired.
public struct TimerID: Sendable {
  let slot: UInt32
  let generation: UInt32
}
