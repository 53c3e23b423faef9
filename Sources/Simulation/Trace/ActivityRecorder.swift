/// Writes down what takes time in a run: messages on their way, operations of disks, statements of sessions.
///
/// ```
///   host     w  ─┬─ session 1001   ▕█ UPDATE █▏  ▕ COMMIT ▏        a lane: one thing at a time
///                └─ messages          │ sent                       ─┐
///   host  storage-a0 ─┬─ messages     └──────▶ arrived              ├─ a message: two ends
///                     ├─ ssd 1            ▕█ flush █▏               ─┘
///                     └─ ssd 2            ▕█ read ██▏              as many lanes as things go on at once
/// ```
///
/// There is none unless somebody asks for it: whoever could tell it something holds an optional, and looks at
/// that. It schedules, draws and sends nothing, so that a recorded run is the same run.
public final class ActivityRecorder {
  /// Something that went on at a place for some time.
  public struct Activity: Sendable, Equatable {
    public let name: String
    public let start: Instant
    /// `nil` if it had not ended when the recording did.
    public internal(set) var end: Instant?
  }

  /// A packet between two hosts.
  public struct Message: Sendable, Equatable {
    public let source: HostID
    public let target: HostID
    /// Size of the payload.
    public let bytes: Int
    public let sent: Instant
    /// `nil` if it was lost, or was on its way when the recording ended.
    public internal(set) var arrived: Instant?
    public internal(set) var isLost = false
  }

  /// One line of activities that do not overlap, unless one is inside another.
  public final class Lane {
    public let host: HostID
    public let name: String
    public private(set) var activities: [Activity] = []
    /// Places of those that go on, the outermost first.
    private var open: [Int] = []
    private unowned let recorder: ActivityRecorder

    init(host: HostID, name: String, recorder: ActivityRecorder) {
      (self.host, self.name, self.recorder) = (host, name, recorder)
    }

    public func begin(_ name: String) {
      guard let now = recorder.admit() else { return open.append(-1) }
      open.append(activities.count)
      activities.append(Activity(name: name, start: now))
    }

    /// Ends what was begun last; nothing happens if nothing goes on.
    public func end() {
      guard let place = open.popLast(), place >= 0 else { return }
      activities[place].end = recorder.now
    }

    fileprivate var isFree: Bool { open.isEmpty }
  }

  /// Things that go on side by side, known by a slot: each takes the first lane that is free.
  public final class Pool {
    private let host: HostID
    private let name: String
    private unowned let recorder: ActivityRecorder
    private var lanes: [Lane] = []
    /// By slot: the lane in use.
    private var places: [Lane?] = []

    init(host: HostID, name: String, recorder: ActivityRecorder) {
      (self.host, self.name, self.recorder) = (host, name, recorder)
    }

    public func begin(_ activity: String, slot: Int) {
      while places.count <= slot { places.append(nil) }
      let lane: Lane
      if let free = lanes.first(where: \.isFree) {
        lane = free
      } else {
        lane = recorder.lane(host, "\(name) \(lanes.count + 1)")
        lanes.append(lane)
      }
      places[slot] = lane
      lane.begin(activity)
    }

    public func end(slot: Int) {
      guard slot < places.count, let lane = places[slot] else { return }
      places[slot] = nil
      lane.end()
    }

    /// Ends everything, as a loss of power does.
    public func endAll() { for slot in places.indices { end(slot: slot) } }
  }

  /// In the order in which they were first heard of.
  public private(set) var lanes: [Lane] = []
  /// In the order in which they were sent.
  public private(set) var messages: [Message] = []
  /// What there was no room for.
  public private(set) var omitted = 0
  /// When the first of that would have begun.
  public private(set) var firstOmitted: Instant?
  /// By slot of the network: the message in it.
  private var flights: [Int] = []
  private var count = 0
  private let limit: Int
  public let window: ClosedRange<Instant>
  private unowned let loop: EventLoop

  /// - Parameters:
  ///   - window: what begins outside of it is left out.
  ///   - limit: of the number of activities and messages.
  public init(window: ClosedRange<Instant>, limit: Int, of simulation: Simulation) {
    (self.window, self.limit, loop) = (window, limit, simulation.loop)
  }

  public var now: Instant { loop.now }

  public func lane(_ host: HostID, _ name: String) -> Lane {
    let lane = Lane(host: host, name: name, recorder: self)
    lanes.append(lane)
    return lane
  }

  public func pool(_ host: HostID, _ name: String) -> Pool {
    Pool(host: host, name: name, recorder: self)
  }

  /// The instant at which something may be written down; `nil` if there is no room, or it is not wanted.
  private func admit() -> Instant? {
    guard window.contains(loop.now) else { return nil }
    guard count < limit else {
      omitted += 1
      firstOmitted = firstOmitted ?? loop.now
      return nil
    }
    count += 1
    return loop.now
  }

  // MARK: Messages

  /// - Parameter slot: by which the network will know it again.
  func sent(slot: Int, from source: HostID, to target: HostID, bytes: Int) {
    while flights.count <= slot { flights.append(-1) }
    flights[slot] = -1
    guard let now = admit() else { return }
    flights[slot] = messages.count
    messages.append(Message(source: source, target: target, bytes: bytes, sent: now))
  }

  func arrived(slot: Int) {
    guard slot < flights.count, flights[slot] >= 0 else { return }
    messages[flights[slot]].arrived = now
    flights[slot] = -1
  }

  func dropped(slot: Int) {
    guard slot < flights.count, flights[slot] >= 0 else { return }
    messages[flights[slot]].isLost = true
    flights[slot] = -1
  }

  func lost(from source: HostID, to target: HostID, bytes: Int) {
    guard let now = admit() else { return }
    messages.append(
      Message(source: source, target: target, bytes: bytes, sent: now, isLost: true))
  }
}
