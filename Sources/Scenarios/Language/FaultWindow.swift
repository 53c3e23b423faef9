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
    let anchors = anchorPlaces
    var windows = [FaultWindow?](repeating: nil, count: faults.count)
    for index in faults.indices {
      // From a fault back to one whose window is known, or that has a time of its own.
      var chain: [Int] = []
      var next: Int? = index
      while let place = next, windows[place] == nil {
        precondition(chain.count < faults.count, "a fault is anchored to itself")
        chain.append(place)
        next = anchors[place]
      }
      for place in chain.reversed() {
        let fault = faults[place]
        let start = Self.start(of: fault, after: anchors[place].flatMap { windows[$0] })
        let moved = start + moves[place]
        windows[place] = FaultWindow(
          id: fault.id, start: moved, end: moved + (fault.duration ?? .zero))
      }
    }
    return windows.compactMap { $0 }
  }

  /// For each fault, the place of the one to which it is anchored; `nil` if it has a time of its own.
  var anchorPlaces: [Int?] {
    var places = LookupTable<String, Int>()
    for (place, fault) in faults.enumerated() { places[fault.id] = place }
    return faults.map { fault in
      guard case .after(let edge, _, _) = fault.anchor else { return nil }
      return places[edge.fault]
    }
  }

  private static func start(of fault: Fault, after anchor: FaultWindow?) -> Interval {
    switch fault.anchor {
    case .at(let at, _):
      return at
    case .after(let edge, let offset, _):
      guard let anchor else { preconditionFailure("\(fault.id) is anchored to nothing") }
      return (edge.side == .start ? anchor.start : anchor.end) + offset
    }
  }
}
