/// Prints what the engine costs, beside its peers where they are installed.
@main
struct Benchmarks {
  static func main() {
    for timers in [1_000, 100_000] {
      let hold = KernelBenchmark(timers: timers, events: 5_000_000)
      print("hold model, \(timers) timers, events: \(Int(hold.plainEvents())) ns CPU per event")
      print("hold model, \(timers) timers, tasks:  \(Int(hold.tasks())) ns CPU per event")
    }
  }
}
