import ControlPlane
import Simulation

/// The capacity of one Serverless instance over time, from what its agent told.
///
/// Capacity is a step function: it holds from one ``ServerlessCapacitySet`` to the next, and there is none
/// while the host is down. A host that boots begins at its minimum, which is no scaling.
struct CapacityHistory {
  struct Step {
    let instant: Instant
    /// In thousandths of an ACU; `nil` from the loss of the host.
    let milliACU: Int64?
  }

  /// One change of size.
  struct Scaling {
    let instant: Instant
    let from: Int64
    let to: Int64
  }

  let instance: String
  /// In ACU.
  let allowed: ClosedRange<Double>
  private(set) var steps: [Step] = []

  /// - Returns: `nil` for an instance that is not serverless.
  init?(of instance: Scenario.Instance, from events: [TraceEvent]) {
    guard let capacity = instance.capacity else { return nil }
    self.instance = instance.id
    allowed = capacity.lowerBound.acu...capacity.upperBound.acu
    for event in events {
      switch event.payload {
      case let set as ServerlessCapacitySet where set.instance == instance.id:
        let value = Int64(set.milliACU)
        if value != steps.last?.milliACU {
          steps.append(Step(instant: event.instant, milliACU: value))
        }
      case let down as HostWentDown where down.host == instance.id:
        steps.append(Step(instant: event.instant, milliACU: nil))
      default: continue
      }
    }
  }

  /// In order of time.
  var scalings: [Scaling] {
    zip(steps, steps.dropFirst()).compactMap { before, after in
      guard let from = before.milliACU, let to = after.milliACU else { return nil }
      return Scaling(instant: after.instant, from: from, to: to)
    }
  }

  /// What holds just before `instant`.
  func milliACU(before instant: Instant) -> Int64? {
    steps.last { $0.instant < instant }?.milliACU
  }

  /// Each capacity held within the stretches, weighted with how long, in nanoseconds.
  func values(in stretches: [Range<Instant>]) -> [WeightedSample.Value] {
    var values: [WeightedSample.Value] = []
    for (index, step) in steps.enumerated() {
      guard let milliACU = step.milliACU else { continue }
      let end = index + 1 < steps.count ? steps[index + 1].instant : .distantFuture
      for stretch in stretches {
        let held = (step.instant..<end).clamped(to: stretch)
        if held.isEmpty { continue }
        let weight = (held.upperBound - held.lowerBound).nanoseconds
        values.append(WeightedSample.Value(milliACU, weight: weight))
      }
    }
    return values
  }
}
