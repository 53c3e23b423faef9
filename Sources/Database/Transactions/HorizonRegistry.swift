import DequeModule

/// Knows how far back the views reach that somebody still keeps.
///
/// Horizons never decrease from one view to the next, so the oldest is the first entry that is held.
final class HorizonRegistry {
  private var entries = Deque<(horizon: UInt64, count: Int)>()
  /// The place in all of time of the first entry.
  private var firstIndex = 0

  /// The least horizon of a view that is kept; `nil` if there is none.
  var oldest: UInt64? { entries.first?.horizon }

  func hold(_ horizon: UInt64) -> HorizonHold {
    if let last = entries.last, last.horizon == horizon {
      entries[entries.count - 1].count += 1
    } else {
      precondition(
        entries.last.map { $0.horizon < horizon } ?? true, "a view older than the one before it")
      entries.append((horizon, 1))
    }
    return HorizonHold(registry: self, index: firstIndex + entries.count - 1)
  }

  fileprivate func release(_ index: Int) {
    entries[index - firstIndex].count -= 1
    while let first = entries.first, first.count == 0 {
      entries.removeFirst()
      firstIndex += 1
    }
  }
}

/// Holds a horizon for as long as it lives.
final class HorizonHold {
  private let registry: HorizonRegistry
  private let index: Int

  init(registry: HorizonRegistry, index: Int) { (self.registry, self.index) = (registry, index) }

  deinit { registry.release(index) }
}
