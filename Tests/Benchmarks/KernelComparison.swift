import Foundation

/// The kernel beside its peers: every one a process of its own, in turns, on the same workloads.
struct KernelComparison {
  /// Where the peers' programs are.
  let folder: String
  /// This program, which runs our part.
  let program: String
  let rounds: Int
  /// So many before those that are measured.
  let warmUp = 200_000
  let events = 1_000_000

  private struct Contender {
    let name: String
    /// The command, for a kind of event.
    let command: (KernelWorkload.Kind) -> String?
    /// Whether its checksum is that of all others: it has their clock and their delays.
    var isExact = true
  }

  private struct Row {
    let workload: String
    let contender: String
    var costs: [Double] = []

    var median: Double { costs.sorted()[costs.count / 2] }
  }

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private var contenders: [Contender] {
    let python = "\(folder)/venv/bin/python3"
    let small = "--cfg=contexts/stack-size:16 --cfg=contexts/guard-size:0 --log=root.thresh:error"
    let schedulers = ["Map", "Heap", "Calendar", "PriorityQueue"]
    return [
      Contender(name: "Borealis") { "\(program) kernel-workload \($0)" },
      Contender(name: "C, 4-ary heap") { $0 == .tasks ? nil : "\(folder)/callbacks \($0)" },
      Contender(name: "C++20 coroutines") { $0 == .events ? nil : "\(folder)/coroutines \($0)" },
      Contender(name: "SimPy") { "\(python) Tests/Benchmarks/Peers/simpy_peer.py \($0)" },
      Contender(
        name: "SimGrid", command: { "\(folder)/simgrid_peer \(small) \($0)" }, isExact: false),
    ]
      + schedulers.map { scheduler in
        Contender(name: "ns-3, \(scheduler)") {
          $0 == .tasks ? nil : "\(folder)/ns3 ns3::\(scheduler)Scheduler \($0)"
        }
      }
  }

  /// Prints a table of medians, and writes it as CSV.
  func report(to file: String) throws {
    let workloads: [(kind: KernelWorkload.Kind, count: Int)] = [
      (.events, 1_000), (.tasks, 1_000), (.events, 100_000), (.tasks, 100_000), (.messages, 1_000),
    ]
    var table = "workload,pending,contender,ns_cpu_per_event,times_borealis\n"
    print("CPU nanoseconds per event, medians of \(rounds) rounds of \(events) events in turns")
    for (kind, count) in workloads {
      var rows = contenders.filter { $0.command(kind) != nil }
        .map { Row(workload: "\(kind)", contender: $0.name) }
      var checksum: UInt64?
      for _ in 0..<rounds {
        var index = 0
        for contender in contenders {
          guard let command = contender.command(kind) else { continue }
          let sample = try measure("\(command) \(count) \(warmUp) \(events)")
          if contender.isExact {
            guard checksum ?? sample.checksum == sample.checksum else {
              throw Failure(description: "\(contender.name) did other work: \(command)")
            }
            checksum = sample.checksum
          }
          rows[index].costs.append(Double(sample.cost) / Double(sample.events))
          index += 1
        }
      }
      print("\n\(kind), \(count) pending")
      let ours = rows[0].median
      for row in rows {
        let name = row.contender.padding(toLength: 22, withPad: " ", startingAt: 0)
        print(String(format: "  %@ %8.0f ns  %6.2f", name, row.median, row.median / ours))
        table += "\(kind),\(count),\"\(row.contender)\","
        table += String(format: "%.1f,%.3f\n", row.median, row.median / ours)
      }
    }
    try table.write(toFile: file, atomically: true, encoding: .utf8)
    print("\nwritten to \(file)")
  }

  private func measure(_ command: String) throws -> KernelWorkload.Sample {
    guard let pipe = popen(command, "r") else {
      throw Failure(description: "cannot start \(command)")
    }
    var buffer = [UInt8](repeating: 0, count: 4_096)
    let length = fread(&buffer, 1, buffer.count, pipe)
    let status = pclose(pipe)
    let fields = String(decoding: buffer[..<length], as: UTF8.self).split(
      whereSeparator: \.isWhitespace)
    guard status == 0, fields.count == 3, let events = Int(fields[0]), let cost = Int(fields[1]),
      let checksum = UInt64(fields[2])
    else { throw Failure(description: "\(command) failed: \(fields.joined(separator: " "))") }
    return KernelWorkload.Sample(events: events, cost: cost, checksum: checksum)
  }
}
