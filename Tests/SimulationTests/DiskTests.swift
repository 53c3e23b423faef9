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

  /// Beside a plain array: whole writes, parts of writes, over ends of chunks, and discards.
  @Test(arguments: 0..<40 as Range<UInt64>)
  func `holds at every instant what was written last, and zeroes where it was discarded`(
    seed: UInt64
  ) {
    let (simulation, host, disk) = world(seed: seed)
    let random = RandomStream(seed: seed)
    let process = host.start("p")
    let size = 3 * 64 * 1024
    var model = [UInt8](repeating: 0, count: size)
    // Sizes that come again let a write take the place of another as a whole.
    let sizes = [1, 48, 64, 512, 4096, 64 * 1024]
    var written: [Range<Int>] = [0..<1]
    for step in 1...300 {
      let count = random.chance(0.8) ? sizes[random.index(below: sizes.count)] : step
      let offset = random.index(below: (size - count) / 64 + 1) * 64
      let range = offset..<offset + count
      if random.chance(0.2) {
        disk.discard(range)
        model.replaceSubrange(range, with: repeatElement(0, count: count))
      } else {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: step + $0) }
        disk.write(bytes, at: offset)
        model.replaceSubrange(range, with: bytes)
        written.append(range)
      }
      if random.chance(0.3) {
        disk.flush(for: process, Client(), token: 1)
        simulation.loop.run(until: simulation.now + .milliseconds(100))
      }
      if step % 10 == 0 { #expect(disk.contents(at: 0, count: size) == model) }
      let part = random.index(below: size - 100)
      #expect(disk.contents(at: part, count: 100) == Array(model[part..<part + 100]))
      let whole = written[random.index(below: written.count)]
      #expect(disk.contents(at: whole.lowerBound, count: whole.count) == Array(model[whole]))
    }
  }

  @Test func `holds small writes that are written over again and again`() {
    let (simulation, host, disk) = world(seed: 5)
    let process = host.start("p")
    disk.write([UInt8](repeating: 7, count: 4096), at: 4096)
    for round in 0..<5_000 {
      disk.write(
        [UInt8](repeating: UInt8(truncatingIfNeeded: round), count: 48), at: 48 * (round % 3))
      disk.flush(for: process, Client(), token: 1)
      simulation.loop.run(until: simulation.now + .milliseconds(1))
    }
    let expected = [4_998, 4_999, 4_997].flatMap {
      [UInt8](repeating: UInt8(truncatingIfNeeded: $0), count: 48)
    }
    #expect(disk.contents(at: 0, count: 144) == expected)
    #expect(disk.contents(at: 4096, count: 4096).allSatisfy { $0 == 7 })
  }

  @Test
  func `reads a discarded range as zeroes at once, and has it back if power is lost too soon`() {
    func contents(flushed: Bool, _ unflushed: UnflushedWrites) -> [UInt8] {
      let (simulation, host, disk) = world(seed: 3)
      let process = host.start("p")
      disk.write([UInt8](repeating: 7, count: 2048), at: 0)
      disk.flush(for: process, Client(), token: 1)
      simulation.loop.run(until: simulation.now + .seconds(1))
      disk.discard(0..<2048)
      #expect(disk.contents(at: 0, count: 2048).allSatisfy { $0 == 0 })
      if flushed {
        disk.flush(for: process, Client(), token: 2)
        simulation.loop.run(until: simulation.now + .seconds(1))
      }
      host.crash(unflushed)
      return disk.contents(at: 0, count: 2048)
    }
    #expect(contents(flushed: true, .areLost).allSatisfy { $0 == 0 })
    #expect(contents(flushed: false, .areLost).allSatisfy { $0 == 7 })
    let torn = contents(flushed: false, .areTorn)
    let zeroes = torn.prefix { $0 == 0 }.count
    #expect(zeroes > 0 && zeroes < 2048 && zeroes % 512 == 0)
    #expect(torn.dropFirst(zeroes).allSatisfy { $0 == 7 })
  }
}
