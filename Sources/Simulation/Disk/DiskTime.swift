/// The time in which a disk works: the run's, but slower by a factor, or standing still, while something is wrong with
/// the disk.
///
/// Everything that a disk has promised, it has promised in this time. So what is under way when a slow-down begins or
/// ends, goes on at the new speed from that instant on.
struct DiskTime {
  /// So many nanoseconds of the run are one of the disk; 0 while it stands still.
  private(set) var slowdown: Int64 = 1
  /// When the speed last changed, in the run's time and in the disk's.
  private var anchor = Instant.start
  private var own = Instant.start

  @inline(__always)
  func reading(at instant: Instant) -> Instant {
    switch slowdown {
    case 1: own + (instant - anchor)
    case 0: own
    default: own + .nanoseconds((instant - anchor).nanoseconds / slowdown)
    }
  }

  /// The instant of the run at which the disk's time is `reading`; `nil` while it stands still.
  @inline(__always)
  func instant(of reading: Instant) -> Instant? {
    slowdown == 0 ? nil : anchor + (reading - own) * Int(slowdown)
  }

  mutating func change(to slowdown: Int64, at now: Instant) {
    precondition(slowdown >= 0, "a disk does not work backwards")
    (own, anchor, self.slowdown) = (reading(at: now), now, slowdown)
  }
}
