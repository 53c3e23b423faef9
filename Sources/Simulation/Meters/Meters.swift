/// All meters of a run, in the order in which they were first asked for.
public final class Meters {
  private struct Key: Hashable, Comparable {
    let resource: ResourceName
    let kind: Meter.Kind

    static func < (lhs: Key, rhs: Key) -> Bool {
      (lhs.resource, lhs.kind) < (rhs.resource, rhs.kind)
    }
  }

  /// A meter, and what it is of.
  public struct Entry {
    public let kind: Meter.Kind
    public let resource: ResourceName
    let count: UnsafeMutablePointer<Int>

    public var meter: Meter { Meter(count) }
    public var total: Int { count.pointee }
  }

  /// New ones come last, so that a place stands for the same meter throughout a run.
  public private(set) var all: [Entry] = []
  private var places = LookupTable<Key, Int>()

  init() {}

  deinit { for entry in all { entry.count.deallocate() } }

  /// The one meter of this kind and resource. Ask once and keep it: to look it up costs more than to count.
  public func meter(_ kind: Meter.Kind, of resource: ResourceName) -> Meter {
    let key = Key(resource: resource, kind: kind)
    if let place = places[key] {
      precondition(all[place].kind.unit == kind.unit, "\(kind.name) is counted in two units")
      return all[place].meter
    }
    let entry = Entry(kind: kind, resource: resource, count: .allocate(capacity: 1))
    entry.count.initialize(to: 0)
    places[key] = all.count
    all.append(entry)
    return entry.meter
  }

  /// Over all resources.
  public func total(of kind: Meter.Kind) -> Int {
    all.reduce(0) { $0 + ($1.kind == kind ? $1.total : 0) }
  }
}

extension Process {
  /// A meter of the resource that this process works for.
  public func meter(_ kind: Meter.Kind) -> Meter { simulation.meters.meter(kind, of: resource) }
}
