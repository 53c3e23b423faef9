import CKernel

/// The agenda: a 4-ary heap of instants over a slab of what to call.
///
/// ```
///   heap    [ root | four children | four | four | … ]    an entry: instant · sequence · slot, 16 bytes
///                     └ each four in one cache line
///   slots   [ target, owner, token, … | … ]               stand still; free ones form a list
/// ```
///
/// An entry is one whole number of 128 bits, so that events of one instant come out in the order in which
/// they were put in. What has fired leaves its place at the root open: it often schedules its successor,
/// which then sinks from there. Most timers are time-outs that are cancelled long before they are due: when
/// they are the greater part of the heap, they are swept out together.
///
/// What is called out of line from here takes pointers, and not the heap: to lend it, the compiler would copy it,
/// just when its fields have been written.
struct TimerHeap: ~Copyable {
  enum Kind: UInt8 {
    /// Calls an object.
    case call
    /// Wakes a task.
    case wake
    /// Was cancelled, or is free.
    case nothing
  }

  /// Without references of its own, so that nothing is counted when it is copied.
  struct Slot {
    /// What the event calls: see ``TimerHeap/target(of:)``.
    fileprivate var target: (UInt, UInt) = (0, 0)
    /// In a free slot: the next one.
    fileprivate(set) var token: UInt64 = 0
    /// Retained.
    fileprivate(set) var owner: Unmanaged<Process>?
    /// What the event wakes, under the token.
    fileprivate(set) var task: TaskTable.Reference?
    fileprivate var generation: UInt32 = 0
    fileprivate(set) var kind = Kind.nothing
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

  /// Number of the latest event, in the place that it has in an entry; an overflow traps.
  private var sequence: UInt64 = 0
  /// Entries whose event was cancelled.
  private var cancelled = 0

  private static let leastSweep = 256
  /// As many events stay in the processor's caches, with what they touch.
  private static let cached = 4_096
  private static let noSlot: UInt64 = 1 << 24

  init() {
    heapCapacity = 64
    heap = Self.allocateHeap(capacity: heapCapacity)
    slotCapacity = 64
    slots = .allocate(capacity: slotCapacity)
  }

  deinit {
    for index in 0..<slotCount { forget(index) }
    slots.deallocate()
    Self.freeHeap(heap)
  }

  var count: Int { heapCount - (isRootOpen ? 1 : 0) }

  /// When the next event is due.
  @inline(__always)
  mutating func earliest() -> Instant? {
    if isRootOpen { closeRoot() }
    return heapCount > 0 ? Instant(nanoseconds: Self.instant(of: heap[0])) : nil
  }

  /// Adds an event that calls an object, unless its owner has ended by then.
  @inline(__always)
  mutating func insert(
    at instant: Instant, target: any EventTarget, owner: Process?, token: UInt64
  ) -> TimerID {
    let index = takeSlot()
    self.target(of: index).initialize(to: target)
    if let owner { slots[index].owner = Unmanaged.passRetained(owner) }
    slots[index].token = token
    slots[index].kind = .call
    return insert(index, at: instant)
  }

  /// Adds an event that wakes a task.
  @inline(__always)
  mutating func insert(at instant: Instant, task: TaskTable.Reference, token: UInt64) -> TimerID {
    let index = takeSlot()
    slots[index].task = task
    slots[index].token = token
    slots[index].kind = .wake
    return insert(index, at: instant)
  }

  @inline(__always)
  private mutating func insert(_ index: Int, at instant: Instant) -> TimerID {
    sequence += Self.noSlot
    let entry = Entry(instant.nanoseconds) << 64 | Entry(sequence | UInt64(index))
    if isRootOpen {
      isRootOpen = false
      sinkFromRoot(entry)
    } else {
      siftUp(entry)
    }
    return TimerID(slot: UInt32(index), generation: slots[index].generation)
  }

  /// Makes the event come to nothing; its entry leaves the heap when its time comes, or in a sweep.
  mutating func cancel(_ timer: TimerID) {
    let index = Int(timer.slot)
    guard index < slotCount, slots[index].generation == timer.generation else { return }
    forget(index)
    slots[index].generation &+= 1
    cancelled += 1
    if cancelled >= Self.leastSweep, cancelled * 2 > heapCount { sweep() }
  }

  /// Takes the earliest event out.
  ///
  /// - Precondition: ``earliest()`` has just told that there is one.
  /// - Returns: its slot, to be asked for what it is and given to ``release(_:)``, before any other event
  ///   is added.
  @inline(__always)
  mutating func popMin() -> Int {
    isRootOpen = true
    return Self.slot(of: heap[0])
  }

  @inline(__always)
  subscript(index: Int) -> Slot { slots[index] }

  /// Where the object is that an event calls; whoever takes it out of a slot moves it.
  @inline(__always)
  func target(of index: Int) -> UnsafeMutablePointer<any EventTarget> {
    UnsafeMutableRawPointer(slots + index).assumingMemoryBound(to: (any EventTarget).self)
  }

  /// Gives a slot back whose contents have been taken out.
  @inline(__always)
  mutating func release(_ index: Int) {
    let slot = slots + index
    if slot.pointee.kind == .nothing { cancelled -= 1 } else { slot.pointee.generation &+= 1 }
    slot.pointee.kind = .nothing
    slot.pointee.owner = nil
    slot.pointee.task = nil
    slot.pointee.token = firstFree
    firstFree = UInt64(index)
  }

  /// Lets go of what is in a slot.
  private func forget(_ index: Int) {
    if slots[index].kind == .call {
      target(of: index).deinitialize(count: 1)
      slots[index].owner?.release()
    }
    slots[index].kind = .nothing
    slots[index].owner = nil
    slots[index].task = nil
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
      if slots[slot].kind == .nothing {
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
    paranoid(
      index == 0 || heap[(index - 1) >> 2] < entry, "an event is before its parent in the heap")
  }

  /// Puts `entry` where it belongs, the root being open, and fetches ahead what the next events need.
  @inline(__always)
  private mutating func sinkFromRoot(_ entry: Entry) {
    siftDown(entry, from: 0)
    // What the next event touches is out of the nearest cache even if there are but a few hundred.
    let next = slots + Self.slot(of: heap[0])
    if let task = next.pointee.task {
      borealis_prefetch_task(task)
    } else {
      borealis_prefetch(next.pointee.target.0)
    }
    if heapCount > Self.cached { fetchAhead() }
  }

  /// With 100,000 pending events all is out of the processor's reach: first the slots of the next few, then the
  /// tasks that they wake.
  @inline(__always)
  private mutating func fetchAhead() {
    for child in 1...4 {
      let slot = slots + Self.slot(of: heap[child])
      if let task = slot.pointee.task { borealis_prefetch(UInt(bitPattern: task)) }
    }
    for child in 5...20 { borealis_prefetch(UInt(bitPattern: slots + Self.slot(of: heap[child]))) }
  }

  /// Puts `entry` where it belongs below the open place `start`.
  ///
  /// Which child is the earliest, no processor can guess: it is found by selection, not by branching, and by
  /// the instants alone unless two are equal.
  @inline(__always)
  private mutating func siftDown(_ entry: Entry, from start: Int) {
    let heap = heap
    let count = heapCount
    let due = Self.instant(of: entry)
    var index = start
    var child = (start << 2) + 1
    while child < count {
      let first = Self.instant(heap, child)
      let second = Self.instant(heap, child &+ 1)
      let third = Self.instant(heap, child &+ 2)
      let fourth = Self.instant(heap, child &+ 3)
      let (left, right) = (min(first, second), min(third, fourth))
      let earliest = min(left, right)
      var least: Int
      if first == second || third == fourth || left == right || earliest == due {
        least = Self.leastChild(heap, child)
        if entry < heap[least] { break }
      } else {
        if due < earliest { break }
        least = right < left ? (fourth < third ? 3 : 2) : (second < first ? 1 : 0)
        least = child &+ least
      }
      heap[index] = heap[least]
      index = least
      child = (least << 2) &+ 1
    }
    heap[index] = entry
  }

  @inline(never)
  private static func leastChild(_ heap: UnsafeMutablePointer<Entry>, _ first: Int) -> Int {
    (first + 1..<first + 4).reduce(first) { heap[$1] < heap[$0] ? $1 : $0 }
  }

  /// The upper word of an entry.
  @inline(__always)
  private static func instant(_ heap: UnsafeMutablePointer<Entry>, _ index: Int) -> Int64 {
    UnsafeRawPointer(heap + index).load(fromByteOffset: 8, as: Int64.self).littleEndian
  }

  @inline(__always)
  private static func instant(of entry: Entry) -> Int64 { Int64(truncatingIfNeeded: entry >> 64) }

  @inline(__always)
  private static func slot(of entry: Entry) -> Int {
    Int(truncatingIfNeeded: entry) & Int(noSlot - 1)
  }

  // MARK: Memory

  @inline(__always)
  private mutating func takeSlot() -> Int {
    guard firstFree != Self.noSlot else { return addSlot() }
    let index = Int(firstFree)
    firstFree = slots[index].token
    return index
  }

  @inline(never)
  private mutating func addSlot() -> Int {
    precondition(slotCount < Int(Self.noSlot), "more than \(Self.noSlot) events are pending")
    if slotCount == slotCapacity {
      let larger = UnsafeMutablePointer<Slot>.allocate(capacity: slotCapacity * 2)
      larger.moveInitialize(from: slots, count: slotCount)
      slots.deallocate()
      slots = larger
      slotCapacity *= 2
    }
    (slots + slotCount).initialize(to: Slot())
    slotCount += 1
    return slotCount - 1
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
