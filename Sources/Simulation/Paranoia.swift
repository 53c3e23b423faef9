/// Whether structures look after their own invariants at each step: in debug builds, and where somebody asked for it.
///
/// To be set before anything runs. It changes nothing of what happens.
#if DEBUG
  @usableFromInline nonisolated(unsafe) var looksTwice = true
#else
  @usableFromInline nonisolated(unsafe) var looksTwice = false
#endif

public enum Paranoia {
  /// Turns the checks on.
  public static func turnOn() { looksTwice = true }
}

/// Stops the program if an invariant of a hot structure does not hold; looks only where ``Paranoia`` is on.
///
/// What is cheap and must never be missed is a `precondition` instead.
@inline(__always)
@inlinable
public func paranoid(
  _ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String
) {
  if looksTwice, !condition() { violated(message()) }
}

@inline(never)
@usableFromInline
func violated(_ message: String) -> Never {
  fatalError("an invariant does not hold: \(message)")
}
