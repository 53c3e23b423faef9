/// The vCPUs of a host: a run queue served in order of arrival, and an account of the time spent.
///
/// A model: each piece of work runs to its end on the vCPU that is free first. What is charged is CPU
/// seconds on a vCPU of nominal speed; a serverless instance has fractional capacity, which is so
/// many whole vCPUs of a lower speed.
public struct Processor {
  /// Capacity in vCPUs; may be fractional.
  public private(set) var capacity: Double
  private let spent: Meter
  /// How many times slower it is because neighbours on the same machine take its time; 1 if none do.
  public var theft = 1
  private var freeAt: [Instant]
  /// Nanoseconds of a vCPU's time per nanosecond of work, in 1/1024.
  private var stretch: Int64

  /// A processor that belongs to no host, to be looked at by itself.
  public init(capacity: Double) {
    self.init(capacity: capacity, spent: Meter(.cpuTime, of: .host("")))
  }

  init(capacity: Double, spent: Meter) {
    (self.capacity, self.spent, freeAt, stretch) = (capacity, spent, [], 1024)
    resize(to: capacity, at: .start)
  }

  /// CPU time spent since the start, at nominal speed.
  public var busy: Interval { .nanoseconds(Int64(spent.total)) }

  /// Changes the capacity; work in progress keeps the time it was promised.
  public mutating func resize(to capacity: Double, at now: Instant) {
    precondition(capacity > 0, "a host needs some capacity, not \(capacity) vCPUs")
    self.capacity = capacity
    let cores = max(1, Int(capacity.rounded(.up)))
    stretch = Int64((Double(cores) / capacity * 1024).rounded())
    freeAt.sort()
    while freeAt.count > cores { freeAt.removeFirst() }
    while freeAt.count < cores { freeAt.append(now) }
  }

  /// Enters work in the run queue.
  ///
  /// - Returns: when it will be done.
  public mutating func charge(_ cost: Interval, at now: Instant) -> Instant {
    spent += Int(cost.nanoseconds)
    var first = 0
    for index in 1..<max(1, freeAt.count) where freeAt[index] < freeAt[first] { first = index }
    let elapsed = Interval.nanoseconds(cost.nanoseconds * stretch / 1024) * theft
    let done = max(now, freeAt[first]) + elapsed
    freeAt[first] = done
    return done
  }

  /// How long new work would wait before it starts.
  public func backlog(at now: Instant) -> Interval {
    max(.zero, (freeAt.min() ?? now) - now)
  }

  /// Empties the run queue: the host lost power.
  mutating func reset(at now: Instant) {
    for index in freeAt.indices { freeAt[index] = now }
  }
}
