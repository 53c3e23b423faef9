public import Simulation

/// When a fault is on in one run.
public struct FaultWindow: Equatable, Sendable {
  /// The fault's id.
  public let id: String
  /// Counted from the start of the run.
  public let start: Interval
  /// When it is undone; equal to `start` for a fault without a duration.
  public let end: Interval

  public init(id: String, start: Interval, end: Interval) {
    (self.id, self.start, self.end) = (id, start, end)
  }
}

extension Scenario {
  /// The windows of all faults, in the order of the file.
  ///
  /// - Parameter move: by how much a fault's start moves, from minus to plus its jitter. It is
  ///   called once for each fault, in the order of the file, so that a run may draw from a stream.
  /// - Precondition: no fault is anchored, over any number of others, to itself or to one that does
  ///   not exist; a scenario that was read from a file never is.
  public func faultWindows(movedBy move: (Fault) -> Interval) -> [FaultWindow] {
    let moves = faults.map(move)
    var windows = [FaultWindow?](repeating: nil, count: faults.count)
    // Each round settles at least the faults whose anchor is settled.
    for _ in faults.indices {
      for (index, fault) in faults.enumerated() where windows[index] == nil {
        guard let start = Self.start(of: fault, after: windows) else { continue }
        let moved = start + moves[index]
        windows[index] = FaultWindow(
          id: fault.id, start: moved, end: moved + (fault.duration ?? .zero))
      }
    }
    let settled = windows.compactMap { $0 }
    precondition(settled.count == faults.count, "a fault is anchored to nothing or to itself")
    return settled
  }

  private static func start(of fault: Fault, after windows: [FaultWindow?]) -> Interval? {
    switch fault.anchor {
    case .at(let at, _):
      return at
    case .after(let edge, let offset, _):
      guard let window = windows.lazy.compactMap({ $0 }).first(where: { $0.id == edge.fault })
      else { return nil }
      return (edge.side == .start ? window.start : window.end) + offset
    }
  }
}
