import Foundation
import Simulation

/// One of the workloads that the peers run too: see `Peers/workload.h`.
struct KernelWorkload {
  enum Kind: String {
    /// The hold model: each of so many pending timers sets itself again when it fires.
    case events
    /// The hold model, each timer a task that sleeps.
    case tasks
    /// Pairs of tasks, each of which answers a message when it comes.
    case messages
  }

  let kind: Kind
  let count: Int
  let warmUp: Int
  let events: Int

  struct Sample {
    var events: Int
    /// CPU time, in nanoseconds.
    var cost: Int
    /// The sum over the instants of all events, in nanoseconds: the proof that they happened.
    var checksum: UInt64

    var line: String { "\(events) \(cost) \(checksum)" }
  }

  func run() -> Sample {
    let run = Run(warmUp: warmUp, events: events)
    let process = run.simulation.addHost("host", in: nil, capacity: 1).start("workload")
    switch kind {
    case .events:
      for _ in 0..<count { run.schedule(Holder(run)) }
    case .tasks:
      for _ in 0..<count {
        process.spawn {
          while true {
            try await process.sleep(for: run.nextGap())
            run.note()
          }
        }
      }
    case .messages:
      let boxes = (0..<count).map { _ in Box(run) }
      for (index, box) in boxes.enumerated() {
        let (mailbox, partner) = (box.mailbox, boxes[index ^ 1])
        process.spawn {
          while true {
            let message = try await mailbox.take(in: process)
            run.schedule(partner, token: message)
          }
        }
      }
      for box in stride(from: 0, to: count, by: 2) { run.schedule(boxes[box]) }
    }
    run.simulation.loop.run(until: .start + .seconds(1_000_000)) { run.isOver }
    return Sample(events: events, cost: run.cost, checksum: run.checksum)
  }

  /// Exponential gaps with a mean of a millisecond, as all peers take them; and what is counted.
  private final class Run {
    let simulation = Simulation(seed: 1)
    private let gaps: [Interval]
    private var position = 0
    private let first: Int
    private let last: Int
    private var count = 0
    private var began = 0
    private(set) var cost = 0
    private(set) var checksum: UInt64 = 0

    init(warmUp: Int, events: Int) {
      (first, last) = (warmUp, warmUp + events)
      let size = 65_536
      gaps = (0..<size).map { index in
        let quantile = (Double(index * 40_503 % size) + 0.5) / Double(size)
        return .nanoseconds(Int64((-1e6 * log(quantile)).rounded()))
      }
    }

    var isOver: Bool { count >= last }

    func nextGap() -> Interval {
      defer { position = (position + 1) & (gaps.count - 1) }
      return gaps[position]
    }

    func schedule(_ target: any EventTarget, token: UInt64 = 0) {
      simulation.loop.schedule(after: nextGap(), target, token: token)
    }

    func note() {
      guard count < last else { return }
      if count == first { began = ProcessorTime.nanoseconds() }
      checksum &+= UInt64(simulation.now.sinceStart.nanoseconds)
      count += 1
      if count == last { cost = ProcessorTime.nanoseconds() - began }
    }
  }

  private final class Holder: EventTarget {
    private let run: Run
    init(_ run: Run) { self.run = run }

    func fire(_ token: UInt64) {
      run.note()
      run.schedule(self)
    }
  }

  /// A mailbox that a message reaches as an event.
  private final class Box: EventTarget {
    let mailbox = Mailbox<UInt64>()
    private let run: Run
    init(_ run: Run) { self.run = run }

    func fire(_ token: UInt64) {
      run.note()
      mailbox.put(token)
    }
  }
}
