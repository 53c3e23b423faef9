import ArgumentParser

/// Seeds as they are given on the command line: `1..50`, or a single one.
struct SeedRange: ExpressibleByArgument {
  let seeds: ClosedRange<UInt64>

  init?(argument: String) {
    let ends = argument.split(separator: ".", omittingEmptySubsequences: true).map { UInt64($0) }
    switch ends.count {
    case 1 where !argument.contains("."):
      guard let seed = ends[0] else { return nil }
      seeds = seed...seed
    case 2 where argument.contains("..") && !argument.contains("..."):
      guard let first = ends[0], let last = ends[1], first <= last else { return nil }
      seeds = first...last
    default: return nil
    }
  }
}
