import CProcessor

/// The agenda: a 4-ary heap of instants over a slab of what to call.
///
/// ```
///   heap    [ root | four children | four | four | … ]    an entry: instant · sequence · slot, 16 bytes
///                     └ each four in one cache line
///   slots   [ target, owner, token, … | … ]               stand still; free ones form a list
/// ```
///
/// An entry is one whole number of 128 bits, so that two are compared without a branch, and events of one
/// instant come out in the order in which they were put in. What has fired leaves its place at the root
/// open: it often schedules its successor, which then sinks from there. Most timers are time-outs that
/// are cancelled long before they are due: when they are the greater part of the heap, they are swept out
/// together.
struct TimerHeap: ~Copyable {
  struct Slot {
    var target: (any EventTarget)?
    var owner: Process?
    /// In a free slot: the next one.
    var token: UInt64
    /// The address of what the event will touch, to be fetched ahead; 0 for nothing.
    var hint: UInt
    var generation: UInt32
  }

  /// The instant in the upper 64 bits, then 40 of the sequence, then 24 of the slot.
  private typealias Entry = Int128

  /// `count` entries, then at least four that are later than any.
  private var heap: UnsafeMutablePointer<Entry>
  private var heapCapacity: Int
  private var heapCount = 0
  /// Whether the root has been taken out, and nothing put in its place.
  private var isRootOpen = false

  private var slots: UnsafeMutablePointer<Slot>
  private var slotCapacity: Int
  private var slotCount = 0
  private var firstFree = Self.noSlot

  /// Of the latest event, in the place that it has in an entry; an overflow traps.
  private var sequence: UInt64 = 0
  /// Entries whose event was cancelled.
  private var cancelled = 0

  private static let leastSweep = 256
  private static let taskLines = 12
  private static let noSlot: UInt64 = 1 << 24

  init() {
    heapCapacity = 64
    heap = Self.allocateHeap(capacity: heapCapacity)
    slotCapacity = 64
    slots = .allocate(capacity: slotCapacity)
  }

  deinit {
    slots.deinitialize(count: slotCount)
    slots.deallocate()
    Self.freeHeap(heap)
  }

  var count: Int { heapCount - (isRootOpen ? 1 : 0) }

  /// When the next event is due.
  @inline(__always)
  mutating func earliest() -> Instant? {
    if isRootOpen { closeRoot() }
    return heapCount > 0 ? Instant(nanoseconds: Int64(truncatingIfNeeded: heap[0] >> 64)) : nil
  }

  @inline(__always)
  mutating func insert(
    at instant: Instant, target: any EventTarget, owner: Process?, token: UInt64, hint: UInt
  ) -> TimerID {
    let slot: UInt64
    let generation: UInt32
    if firstFree != Self.noSlot {
      slot = firstFree
      let place = slots + Int(slot)
      firstFree = place.pointee.token
      generation = place.pointee.generation
      // A free slot holds no references.
      place.initialize(
        to: Slot(target: target, owner: owner, token: token, hint: hint, generation: generation))
    } else {
      slot = UInt64(slotCount)
      generation = 0
      addSlot(Slot(target: target, owner: owner, token: token, hint: hint, generation: 0))
    }
    sequence += Self.noSlot
    let entry = Entry(instant.nanoseconds) << 64 | Entry(sequence | slot)
    if isRootOpen {
      isRootOpen = false
      sinkFromRoot(entry)
    } else {
      siftUp(entry)
    }
    return TimerID(slot: UInt32(slot), generation: generation)
  }

  /// Makes the event come to nothing; its entry leaves the heap when its time comes, or in a sweep.
  mutating func cancel(_ timer: TimerID) {
    let index = Int(timer.slot)
    guard index < slotCount, slots[index].generation == timer.generation else { return }
    slots[index].target = nil
    slots[index].owner = nil
    slots[index].generation &+= 1
    cancelled += 1
    if cancelled >= Self.leastSweep, cancelled * 2 > heapCount { sweep() }
  }

  /// Takes the earliest event out; `nil` as target if it was cancelled.
  ///
  /// - Precondition: ``earliest()`` has just told that there is one.
  @inline(__always)
  mutating func popMin() -> Slot {
    let index = Self.slot(of: heap[0])
    isRootOpen = true
    let place = slots + index
    let slot = place.move()
    if slot.target == nil { cancelled -= 1 }
    place.initialize(
      to: Slot(
        target: nil, owner: nil, token: firstFree, hint: 0, generation: slot.generation &+ 1))
    firstFree = UInt64(index)
    return slot
  }

  private mutating func closeRoot() {
    isRootOpen = false
    heapCount -= 1
    let last = heap[heapCount]
    heap[heapCount] = .max
    if heapCount > 0 { sinkFromRoot(last) }
  }

  /// Removes the cancelled entries; O(n), which as many cancellations have earned.
  private mutating func sweep() {
    if isRootOpen { closeRoot() }
    var kept = 0
    for index in 0..<heapCount {
      let entry = heap[index]
      let slot = Self.slot(of: entry)
      if slots[slot].target == nil {
        slots[slot].token = firstFree
        firstFree = UInt64(slot)
      } else {
        heap[kept] = entry
        kept += 1
      }
    }
    for index in kept..<heapCount { heap[index] = .max }
    heapCount = kept
    cancelled = 0
    guard kept > 1 else { return }
    for index in stride(from: (kept - 2) >> 2, through: 0, by: -1) {
      siftDown(heap[index], from: index)
    }
  }

  @inline(__always)
  private mutating func siftUp(_ entry: Entry) {
    if heapCount + 5 > heapCapacity { growHeap() }
    var index = heapCount
    heapCount += 1
    while index > 0 {
      let parent = (index - 1) >> 2
      if heap[parent] < entry { break }
      heap[index] = heap[parent]
      index = parent
    }
    heap[index] = entry
  }

  /// Puts `entry` where it belongs, the root being open, and fetches ahead what the next events need.
  ///
  /// With 100,000 pending events all of it is out of the processor's reach: the slots of the next few,
  /// and for the next one what it will touch. A task's memory is its header and the top of its stack.
  @inline(__always)
  private func sinkFromRoot(_ entry: Entry) {
    siftDown(entry, from: 0)
    let hint = slots[Self.slot(of: heap[0])].hint
    if hint != 0 {
      for line in 0..<Self.taskLines { borealis_prefetch(hint &+ UInt(line) &* 64) }
    }
    // Where there are fewer than four, the address is of nothing, which does no harm.
    for child in 1...4 { borealis_prefetch(UInt(bitPattern: slots + Self.slot(of: heap[child]))) }
  }

  /// Puts `entry` where it belongs below the open place `start`.
  @inline(__always)
  private func siftDown(_ entry: Entry, from start: Int) {
    let heap = heap
    let count = heapCount
    var index = start
    var child = (start << 2) + 1
    while child < count {
      // Sums in the place of branches: which child is the earliest, no processor can guess.
      let left = child &+ Self.one(if: heap[child &+ 1] < heap[child])
      let right = child &+ 2 &+ Self.one(if: heap[child &+ 3] < heap[child &+ 2])
      let least = left &+ (right &- left) & (0 &- Self.one(if: heap[right] < heap[left]))
      let earliest = heap[least]
      if entry < earliest { break }
      heap[index] = earliest
      index = least
      child = (least << 2) &+ 1
    }
    heap[index] = entry
  }

  @inline(__always)
  private static func slot(of entry: Entry) -> Int {
    Int(truncatingIfNeeded: entry) & Int(noSlot - 1)
  }

  @inline(__always)
  private static func one(if condition: Bool) -> Int { condition ? 1 : 0 }

  // MARK: Memory

  private mutating func addSlot(_ slot: Slot) {
    precondition(slotCount < Int(Self.noSlot), "more than \(Self.noSlot) events are pending")
    if slotCount == slotCapacity {
      let larger = UnsafeMutablePointer<Slot>.allocate(capacity: slotCapacity * 2)
      larger.moveInitialize(from: slots, count: slotCount)
      slots.deallocate()
      slots = larger
      slotCapacity *= 2
    }
    (slots + slotCount).initialize(to: slot)
    slotCount += 1
  }

  private mutating func growHeap() {
    let larger = Self.allocateHeap(capacity: heapCapacity * 2)
    larger.update(from: heap, count: heapCount)
    Self.freeHeap(heap)
    heap = larger
    heapCapacity *= 2
  }

  /// The first four children begin a cache line, and so does every other four.
  private static func allocateHeap(capacity: Int) -> UnsafeMutablePointer<Entry> {
    let line = 64
    let stride = MemoryLayout<Entry>.stride
    let block = UnsafeMutableRawPointer.allocate(
      byteCount: capacity * stride + line, alignment: line)
    let heap = (block + line - stride).bindMemory(to: Entry.self, capacity: capacity)
    heap.initialize(repeating: .max, count: capacity)
    return heap
  }

  private static func freeHeap(_ heap: UnsafeMutablePointer<Entry>) {
    let line = 64
    (UnsafeMutableRawPointer(heap) - line + MemoryLayout<Entry>.stride).deallocate()
  }
}

/// Names a scheduled event, so that it can be cancelled; harmless once the event has fired.
public struct TimerID: Sendable {
  let slot: UInt32
  let generation: UInt32
}
