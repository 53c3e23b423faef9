import Volume

/// A node of a B+ tree: cells in the order of their keys, found through a directory of slots.
///
/// ```
///   ┌ header ┬ slot 0 ┬ slot 1 ┬ … ┬──▶ free ◀──┬ cell ┬ garbage ┬ cell ┬ cell ┐
///   0       40       42       44                heap start                 16,384
///                │                                                  ▲
///                └───────────── offset of the cell ─────────────────┘
///   cell:  key count (2)  value count (2)  key  value
/// ```
///
/// The directory grows upwards and the heap downwards. A removed cell becomes garbage where it lies;
/// the page is compacted when the space between the two no longer does. In a leaf, the value is a row or
/// what an index entry needs; in an inner node, it is the number of the child, and the key is a lower
/// bound of what is below it. The first key of an inner node bounds nothing: all that is smaller than
/// the second goes to the first child.
struct SlottedPage {
  static let cellHeader = 4
  static let slotSize = 2
  /// What cells and directory may use.
  static let capacity = Page.size - PageOffset.body
  /// Two cells of this size and their slots fit a page, which is what a split needs.
  static let largestCell = capacity / 2 - slotSize

  let frame: Frame

  init(_ frame: Frame) { self.frame = frame }

  var level: Int { Int(frame.load(UInt8.self, at: PageOffset.level)) }
  var slotCount: Int { Int(frame.load(UInt16.self, at: PageOffset.slotCount)) }
  /// Where the lowest cell begins.
  var heapStart: Int { Int(frame.load(UInt16.self, at: PageOffset.heapStart)) }
  /// Bytes of the heap that belong to no cell.
  var garbage: Int { Int(frame.load(UInt16.self, at: PageOffset.garbage)) }

  /// Where the directory ends.
  var directoryEnd: Int { PageOffset.body + slotCount * Self.slotSize }
  /// Free bytes between directory and heap.
  var gap: Int { heapStart - directoryEnd }
  /// Free bytes once the page is compacted.
  var freeBytes: Int { gap + garbage }
  var usedBytes: Int { Self.capacity - freeBytes }

  @inline(__always)
  func offset(of slot: Int) -> Int {
    Int(frame.load(UInt16.self, at: PageOffset.body + slot * Self.slotSize))
  }

  @inline(__always)
  func key(at slot: Int) -> UnsafeRawBufferPointer {
    let cell = offset(of: slot)
    return frame.slice(cell + Self.cellHeader, Int(frame.load(UInt16.self, at: cell)))
  }

  @inline(__always)
  func value(at slot: Int) -> UnsafeRawBufferPointer {
    let cell = offset(of: slot)
    let keyCount = Int(frame.load(UInt16.self, at: cell))
    return frame.slice(
      cell + Self.cellHeader + keyCount, Int(frame.load(UInt16.self, at: cell + 2)))
  }

  /// Header, key and value.
  func cellSize(at slot: Int) -> Int {
    let cell = offset(of: slot)
    return Self.cellHeader + Int(frame.load(UInt16.self, at: cell))
      + Int(frame.load(UInt16.self, at: cell + 2))
  }

  /// The child of an inner node's entry.
  @inline(__always)
  func child(at slot: Int) -> PageNumber {
    let cell = offset(of: slot)
    let keyCount = Int(frame.load(UInt16.self, at: cell))
    return PageNumber(frame.load(UInt32.self, at: cell + Self.cellHeader + keyCount))
  }

  /// The first slot whose key is not less than `key`.
  @inline(__always)
  func lowerBound(of key: UnsafeRawBufferPointer) -> (slot: Int, isExact: Bool) {
    var low = 0
    var high = slotCount
    while low < high {
      let middle = (low + high) >> 1
      let order = KeyOrder.compare(self.key(at: middle), key)
      if order == 0 { return (middle, true) }
      if order < 0 { low = middle + 1 } else { high = middle }
    }
    return (low, false)
  }

  /// The entry of an inner node under which `key` belongs.
  @inline(__always)
  func childSlot(for key: UnsafeRawBufferPointer) -> Int {
    // The first entry is a lower bound of nothing and is not compared.
    var low = 1
    var high = slotCount
    while low < high {
      let middle = (low + high) >> 1
      if KeyOrder.compare(self.key(at: middle), key) <= 0 {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low - 1
  }
}
