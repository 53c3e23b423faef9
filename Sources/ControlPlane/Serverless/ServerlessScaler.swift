public import Simulation

/// Decides the capacity of one serverless instance, from one measurement a second.
///
/// ```
///   demand = max(CPU used / target, connections / connections per ACU)
///
///   capacity     demand above: `reserve` grows by 70 % a second, capacity is its whole half steps
///      ▲            ┌──────┐
///      │         ┌──┘      └──┐ demand below for the cool-down: shrinks by 5 % a second
///      │      ┌──┘            └────┐
///      └──────┘                    └───── never below the minimum, or the writer's if it follows it
/// ```
///
/// Growth is proportional, so that the time to double does not depend on the size; below 2 ACU it
/// takes several measurements to save up for half a step, which is why a low minimum reacts slowly. A saturated CPU
/// does not show how much is missing: at a target of 70 % it asks for 43 % more each second.
public struct ServerlessScaler: Sendable {
  /// What was seen since the last measurement.
  public struct Measurement: Hashable, Sendable {
    /// CPU time that was used, in thousandths of what there was: 1,000 says that at least so much was wanted.
    public var utilization: Int
    public var connections: Int

    public init(utilization: Int, connections: Int) {
      (self.utilization, self.connections) = (utilization, connections)
    }
  }

  public private(set) var capacity: ServerlessCapacity
  public private(set) var range: ClosedRange<ServerlessCapacity>
  /// What the last measurement would have needed, in thousandths of an ACU.
  public private(set) var demand = 0
  public private(set) var lastMeasurement = Measurement(utilization: 0, connections: 0)
  private let policy: ScalingPolicy
  /// Capacity with the fractions that have not made a step yet, in thousandths of an ACU.
  private var reserve: Int
  private var enoughSince: Instant?
  /// What the writer's capacity demands of it.
  private var floor = ServerlessCapacity(halves: 0)

  /// - Parameter capacity: what the instance has; brought into the range if it is not.
  public init(
    range: ClosedRange<ServerlessCapacity>, policy: ScalingPolicy, capacity: ServerlessCapacity
  ) {
    self.range = range
    self.policy = policy
    self.capacity = min(range.upperBound, max(range.lowerBound, capacity))
    reserve = self.capacity.milliACU
  }

  /// Takes in one second.
  ///
  /// - Returns: the new capacity, or `nil` if it stays.
  public mutating func measure(
    _ measurement: Measurement, at now: Instant
  ) -> ServerlessCapacity? {
    lastMeasurement = measurement
    let forCPU = capacity.milliACU * measurement.utilization / policy.targetUtilization
    let forConnections = measurement.connections * 1000 / policy.connectionsPerACU
    demand = max(forCPU, forConnections)
    let wanted = clamp(.covering(milliACU: demand))
    if wanted > capacity {
      enoughSince = nil
      reserve = min(wanted.milliACU, reserve + max(1, reserve * policy.growth / 1000))
      return change(to: ServerlessCapacity(halves: max(capacity.halves, reserve / 500)))
    }
    if wanted == capacity {
      enoughSince = nil
      reserve = capacity.milliACU
      return nil
    }
    guard let since = enoughSince else {
      enoughSince = now
      reserve = capacity.milliACU
      return nil
    }
    guard now - since >= policy.coolDown else { return nil }
    reserve = max(wanted.milliACU, reserve - max(1, reserve * policy.shrinkage / 1000))
    return change(to: min(capacity, .covering(milliACU: reserve)))
  }

  /// Keeps up with the writer from now on, at once if need be.
  ///
  /// - Returns: the new capacity, or `nil` if it stays.
  public mutating func raise(toAtLeast floor: ServerlessCapacity) -> ServerlessCapacity? {
    self.floor = floor
    return enforceBounds()
  }

  /// Changes the range, with immediate effect.
  ///
  /// - Returns: the new capacity, or `nil` if it stays.
  public mutating func limit(
    to range: ClosedRange<ServerlessCapacity>
  ) -> ServerlessCapacity? {
    self.range = range
    return enforceBounds()
  }

  private mutating func enforceBounds() -> ServerlessCapacity? {
    let bounded = clamp(capacity)
    guard bounded != capacity else { return nil }
    reserve = bounded.milliACU
    return change(to: bounded)
  }

  private func clamp(_ wanted: ServerlessCapacity) -> ServerlessCapacity {
    min(range.upperBound, max(wanted, floor, range.lowerBound))
  }

  private mutating func change(to newCapacity: ServerlessCapacity) -> ServerlessCapacity? {
    guard newCapacity != capacity else { return nil }
    capacity = newCapacity
    return newCapacity
  }
}
