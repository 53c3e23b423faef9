/// Prints what the engine costs, beside its peers where they are installed.
///
/// - `kernel FOLDER`: the kernel beside other simulators, whose programs `make` has built into a folder.
/// - `speed`: how many times faster than the world a cluster runs.
/// - `tpcb`: transactions beside PostgreSQL.
/// - `kernel-workload KIND COUNT WARM-UP EVENTS`: one measurement, as each peer's program makes it.
@main
struct Benchmarks {
  static func main() throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    switch arguments.first {
    case "kernel" where arguments.count == 2:
      let comparison = KernelComparison(
        folder: arguments[1], program: CommandLine.arguments[0], rounds: 5)
      try comparison.report(to: arguments[1] + "/kernel.csv")
    case "kernel-workload":
      let numbers = arguments.dropFirst(2).compactMap { Int($0) }
      guard numbers.count == 3, let kind = KernelWorkload.Kind(rawValue: arguments[1]) else {
        return complain()
      }
      let workload = KernelWorkload(
        kind: kind, count: numbers[0], warmUp: numbers[1], events: numbers[2])
      print(workload.run().line)
    case "speed": try SpeedBenchmark().report(rounds: 9)
    case "tpcb": try TransactionBenchmark(horizons: (20, 50), duration: 8).report(rounds: 3)
    default: complain()
    }
  }

  private static func complain() {
    print(
      "usage: Benchmarks kernel FOLDER | speed | tpcb | kernel-workload KIND COUNT WARM-UP EVENTS")
  }
}
