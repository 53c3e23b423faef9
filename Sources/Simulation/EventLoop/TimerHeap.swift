/// The agenda: a 4-ary heap of instants over a slab of what to call.
///
/// Heap entries are 24 bytes without references, so that sifting moves plain memory; targets stand
/// still in `slots`. Events of one instant come out in the order in which they were put in. Most timers
/// are time-outs that are cancelled long before they are due: when they are the greater part of the
/// heap, they are swept out together.
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
  /// Entries whose event was cancelled.
  private var cancelled = 0

  private static let leastSweep = 256

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

  /// Makes the event come to nothing; its entry leaves the heap when its time comes, or in a sweep.
  mutating func cancel(_ timer: TimerID) {
    guard timer.slot < slots.count, slots[Int(timer.slot)].generation == timer.generation else {
      return
    }
    slots[Int(timer.slot)].target = nil
    slots[Int(timer.slot)].owner = nil
    slots[Int(timer.slot)].generation &+= 1
    cancelled += 1
    if cancelled >= Self.leastSweep, cancelled * 2 > entries.count { sweep() }
  }

  /// Removes the cancelled entries; O(n), which as many cancellations have earned.
  private mutating func sweep() {
    var kept = 0
    for index in entries.indices {
      let entry = entries[index]
      if slots[Int(entry.slot)].target == nil {
        free.append(entry.slot)
      } else {
        entries[kept] = entry
        kept += 1
      }
    }
    entries.removeLast(entries.count - kept)
    cancelled = 0
    guard kept > 1 else { return }
    for index in stride(from: (kept - 2) >> 2, through: 0, by: -1) {
      siftDown(entries[index], from: index)
    }
  }

  /// Removes the earliest event; `nil` as target if it was cancelled.
  ///
  /// - Precondition: the heap is not empty.
  mutating func popMin() -> (instant: Instant, slot: Slot) {
    let first = entries[0]
    let last = entries.removeLast()
    if !entries.isEmpty { siftDown(last, from: 0) }
    let index = Int(first.slot)
    let slot = slots[index]
    if slot.target == nil { cancelled -= 1 }
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

  private mutating func siftDown(_ entry: Entry, from start: Int) {
    entries.withUnsafeMutableBufferPointer { heap in
      let count = heap.count
      var index = start
      var child = (start << 2) + 1
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
