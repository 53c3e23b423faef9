/// From a lock's 64-bit name to the first request of its queue: open addressing, linear probing.
///
/// The names are hashes already, so their low bits choose the place. A removal moves back what follows,
/// so that no gap is ever marked and a table that locks come and go in does not wear out.
struct LockIndex {
  private struct Entry {
    var name: UInt64
    /// -1 if the place is empty.
    var first: Int32
  }

  private var entries = ContiguousArray(repeating: Entry(name: 0, first: -1), count: 64)
  private(set) var count = 0

  private var mask: Int { entries.count - 1 }

  @inline(__always)
  private func place(of name: UInt64) -> Int {
    var index = Int(truncatingIfNeeded: name) & mask
    while entries[index].first >= 0, entries[index].name != name { index = (index + 1) & mask }
    return index
  }

  /// The first request of the lock's queue; -1 if there is none.
  @inline(__always)
  func first(of name: UInt64) -> Int32 { entries[place(of: name)].first }

  /// - Precondition: `first >= 0`.
  mutating func set(_ first: Int32, for name: UInt64) {
    var index = place(of: name)
    if entries[index].first < 0 {
      if count * 2 >= entries.count {
        grow()
        index = place(of: name)
      }
      count += 1
    }
    entries[index] = Entry(name: name, first: first)
  }

  mutating func remove(_ name: UInt64) {
    var hole = place(of: name)
    guard entries[hole].first >= 0 else { return }
    count -= 1
    var index = hole
    while true {
      index = (index + 1) & mask
      let entry = entries[index]
      if entry.first < 0 { break }
      let home = Int(truncatingIfNeeded: entry.name) & mask
      // The entry may fill the hole unless its home lies behind the hole, cyclically.
      if (index - home) & mask >= (index - hole) & mask {
        entries[hole] = entry
        hole = index
      }
    }
    entries[hole].first = -1
  }

  private mutating func grow() {
    let old = entries
    entries = ContiguousArray(repeating: Entry(name: 0, first: -1), count: old.count * 2)
    for entry in old where entry.first >= 0 { entries[place(of: entry.name)] = entry }
  }
}
