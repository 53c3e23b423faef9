import ArgumentParser
import Scenarios

/// Seeds as they are given on the command line: `1..50`, or a single one.
struct SeedRange {
  let seeds: ClosedRange<UInt64>

  /// For an option's `transform`.
  ///
  /// - Throws: what was expected, with the limits.
  init(parsing argument: String) throws {
    guard let dots = argument.firstRange(of: "..") else {
      let seed = try Self.seed(argument)
      seeds = seed...seed
      return
    }
    let first = try Self.seed(String(argument[..<dots.lowerBound]))
    let last = try Self.seed(String(argument[dots.upperBound...]))
    guard first <= last else {
      throw ValidationError("expected first..last, of which the first is not above the last")
    }
    guard Scenario.Run.isCountable(first...last) else {
      throw ValidationError("expected a range of at most \(Scenario.Run.mostSeeds) seeds")
    }
    seeds = first...last
  }

  /// For an option's `transform`: a single seed.
  static func seed(_ argument: String) throws -> UInt64 {
    // `+7` is a number to Swift, but no seed.
    guard let seed = UInt64(argument), argument.first != "+" else {
      throw ValidationError("expected a whole number from 0 to \(UInt64.max)")
    }
    return seed
  }
}
