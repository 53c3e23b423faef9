/// Prints what the engine costs, beside its peers where they are installed.
///
/// Give `kernel` or `tpcb` to run one of the two.
@main
struct Benchmarks {
  static func main() throws {
    let chosen = CommandLine.arguments.dropFirst()
    if chosen.isEmpty || chosen.contains("kernel") {
      for timers in [1_000, 100_000] {
        let hold = KernelBenchmark(timers: timers, events: 5_000_000)
        print("hold model, \(timers) timers, events: \(Int(hold.plainEvents())) ns CPU per event")
        print("hold model, \(timers) timers, tasks:  \(Int(hold.tasks())) ns CPU per event")
      }
    }
    if chosen.isEmpty || chosen.contains("tpcb") {
      try TransactionBenchmark(horizons: (20, 50), duration: 8).report(rounds: 3)
    }
  }
}
