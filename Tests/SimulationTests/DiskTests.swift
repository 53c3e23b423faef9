import Simulation
import Testing

@Suite struct `A disk` {
  private final class Client: DiskClient {
    var outcomes: [String] = []
    func diskDidComplete(_ token: UInt64, _ outcome: DiskOutcome) {
      switch outcome {
      case .done: outcomes.append("done \(token)")
      case .bytes(let bytes): outcomes.append("bytes \(token) \(bytes)")
      case .failed: outcomes.append("failed \(token)")
      }
    }
  }

  private func world(seed: UInt64) -> (Simulation, Host, Disk) {
    let simulation = Simulation(seed: seed)
    let host = simulation.addHost("h", in: nil, capacity: 1)
    return (simulation, host, Disk(name: "d", host: host, profile: DiskProfile()))
  }

  @Test func `reads what was written, across chunks, flushed or not`() {
    let (simulation, host, disk) = world(seed: 1)
    let client = Client()
    let process = host.start("p")
    disk.write([1, 2, 3, 4], at: 64 * 1024 - 2)
    disk.flush(for: process, client, token: 1)
    simulation.loop.run(until: .start + .seconds(1))
    disk.write([9], at: 64 * 1024)
    disk.read(at: 64 * 1024 - 3, count: 6, for: process, client, token: 2)
    simulation.loop.run(until: .start + .seconds(2))
    #expect(client.outcomes == ["done 1", "bytes 2 [0, 1, 2, 9, 4, 0]"])
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `keeps what was flushed when power is lost`(seed: UInt64) {
    let (simulation, host, disk) = world(seed: seed)
    let client = Client()
    let process = host.start("p")
    disk.write([1], at: 0)
    disk.flush(for: process, client, token: 1)
    simulation.loop.run(until: .start + .seconds(1))
    disk.write([2], at: 1)
    host.crash()
    let after = disk.contents(at: 0, count: 2)
    #expect(after[0] == 1)
    #expect(after[1] == 0 || after[1] == 2)
  }

  @Test func `loses unflushed writes under some seed, and all of them when it forgets flushes`() {
    var lost = 0
    for seed in 0..<20 as Range<UInt64> {
      let (simulation, host, disk) = world(seed: seed)
      _ = disk.impair(with: .forgetsFlushes)
      disk.write([1], at: 0)
      disk.flush(for: host.start("p"), Client(), token: 1)
      simulation.loop.run(until: .start + .seconds(1))
      host.crash()
      if disk.contents(at: 0, count: 1) == [0] { lost += 1 }
    }
    #expect(lost > 0 && lost < 20)
  }
}
