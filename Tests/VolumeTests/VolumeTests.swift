import Simulation
import Testing

@testable import Volume

@Suite struct `A volume` {
  @Test func `keeps what was written across a crash of the writer`() {
    let world = World(seed: 1)
    var model = PageModel()
    var durable = LSN.zero
    let first = world.writerHosts[0].start("db")
    var opened: [String] = []
    first.spawn {
      let client = try await VolumeClient.open(
        process: first, geometry: world.geometry, opener: 1)
      opened.append("first \(client.lastLSN)")
      let random = RandomStream(seed: 7)
      for _ in 0..<200 {
        let (mtr, edits) = model.transaction(random, pages: 40)
        let lsns = client.append(mtr)
        model.apply(edits, lsns)
        try await client.waitUntilDurable(lsns.upperBound)
        durable = lsns.upperBound
      }
    }
    world.run(for: .seconds(2))
    #expect(durable > .zero)
    first.end()
    let second = world.writerHosts[1].start("db")
    var checked = 0
    second.spawn {
      let client = try await VolumeClient.open(
        process: second, geometry: world.geometry, opener: 2)
      opened.append("second \(client.volumeDurableLSN)")
      for page in 0..<40 as Range<UInt32> {
        let image = try await client.read(PageNumber(page), at: client.volumeDurableLSN)
        #expect(
          image.contents
            == model.image(of: PageNumber(page), at: client.volumeDurableLSN).contents)
        checked += 1
      }
    }
    world.run(for: .seconds(2))

    #expect(checked == 40)
    world.simulation.shutDown()
  }
}
