/// A dictionary that can be looked up but not walked.
///
/// `Dictionary` iterates in an order that differs from process to process. This type is no
/// `Sequence`, so that the compiler, not the reviewer, rejects `for node in nodes`; the one way to
/// visit the contents names its order.
public struct LookupTable<Key: Hashable & Comparable, Value> {
  @usableFromInline var storage: [Key: Value] = [:]

  @inlinable public init() {}

  @inlinable public var count: Int { storage.count }
  @inlinable public var isEmpty: Bool { storage.isEmpty }

  @inlinable public subscript(key: Key) -> Value? {
    get { storage[key] }
    _modify { yield &storage[key] }
  }

  @inlinable public subscript(key: Key, default value: @autoclosure () -> Value) -> Value {
    get { storage[key, default: value()] }
    _modify { yield &storage[key, default: value()] }
  }

  @discardableResult
  @inlinable public mutating func removeValue(forKey key: Key) -> Value? {
    storage.removeValue(forKey: key)
  }

  @inlinable public mutating func removeAll() { storage.removeAll(keepingCapacity: true) }

  /// The entries in ascending order of their keys; O(n log n).
  @inlinable public func sortedByKey() -> [(key: Key, value: Value)] {
    storage.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Whether any entry satisfies the predicate; the answer does not depend on the order of visits.
  @inlinable public func contains(where predicate: (Key, Value) -> Bool) -> Bool {
    storage.contains { predicate($0.key, $0.value) }
  }
}

extension LookupTable: Sendable where Key: Sendable, Value: Sendable {}
