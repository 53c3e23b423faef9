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

  @Test func `tells when its new epoch holds, before it has been recovered`() throws {
    let world = World(seed: 3)
    let old = world.writerHosts[0].start("db")
    var oldDurable = LSN.zero
    old.spawn {
      let client = try await VolumeClient.open(process: old, geometry: world.geometry, opener: 1)
      client.onDurable = { oldDurable = $0 }
      var model = PageModel()
      let random = RandomStream(seed: 9)
      while true {
        _ = client.append(model.transaction(random, pages: 40).0)
        try await old.sleep(for: .microseconds(200))
      }
    }
    world.run(for: .seconds(1))
    #expect(oldDurable > .zero)
    let new = world.writerHosts[1].start("db")
    var found = LSN.zero
    new.spawn {
      let client = try await VolumeClient.open(process: new, geometry: world.geometry, opener: 2)
      found = client.volumeDurableLSN
    }
    world.run(for: .seconds(1))
    let events = world.simulation.trace.events.filter { $0.subject == .host(new.host.name) }
    let started = try #require(events.all(VolumeRecoveryStarted.self).first)
    let fenced = try #require(events.all(VolumeEpochTaken.self).first)
    let recovered = try #require(events.all(VolumeRecovered.self).first)
    #expect(started.instant < fenced.instant && fenced.instant < recovered.instant)
    #expect(fenced.payload.epoch == recovered.payload.epoch)
    // Whatever the old writer was told is durable, the new one has found.
    #expect(found >= oldDurable)
    world.simulation.shutDown()
  }

  @Test func `sends what nobody waits for with what somebody does, or a little later`() {
    let world = World(seed: 4)
    let writer = world.writerHosts[0].start("db")
    let tuning = VolumeTuning()
    var stays: [Interval] = []
    var commits: [Interval] = []
    let sent = writer.meter(.redoBatches)
    var batches: [Int] = []
    writer.spawn {
      let client = try await VolumeClient.open(
        process: writer, geometry: world.geometry, opener: 1)
      var model = PageModel()
      let random = RandomStream(seed: 9)
      var appended = Instant.start
      client.onDurable = { _ in stays.append(writer.now - appended) }
      for isWaitedFor in [false, true] {
        for _ in 0..<50 {
          let before = sent.total
          appended = writer.now
          for _ in 0..<4 {
            _ = client.append(model.transaction(random, pages: 4).0)
            // All of the four within half of the stay.
            try await writer.sleep(for: tuning.longestStay / 8)
          }
          if isWaitedFor {
            let start = writer.now
            try await client.waitUntilDurable(client.lastLSN)
            commits.append(writer.now - start)
          }
          try await writer.sleep(for: .milliseconds(40))
          batches.append(sent.total - before)
        }
        if !isWaitedFor { client.onDurable = nil }
      }
    }
    world.run(for: .seconds(10))
    // One batch for each group that was written to, whether or not somebody waited.
    #expect(batches.count == 100)
    #expect(batches.allSatisfy { (1...2).contains($0) }, "\(batches)")
    #expect(stays.allSatisfy { $0 >= tuning.longestStay })
    #expect(commits.count == 50)
    #expect(commits.sorted()[25] < tuning.longestStay / 2, "\(commits.sorted())")
    world.simulation.shutDown()
  }

  /// The hot log is far smaller than what is written: its space has to be freed again and again.
  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func `goes on when the hot log has been filled many times over`(seed: UInt64) {
    var tuning = StorageTuning()
    tuning.journalSize = 256 * 1024
    let world = World(seed: seed, tuning: tuning)
    var model = PageModel()
    var done = 0
    let writer = world.writerHosts[0].start("db")
    writer.spawn {
      let client = try await VolumeClient.open(
        process: writer, geometry: world.geometry, opener: 1)
      let random = RandomStream(seed: seed)
      for _ in 0..<8_000 {
        let (mtr, _) = model.transaction(random, pages: 40)
        let lsns = client.append(mtr)
        try await client.waitUntilDurable(lsns.upperBound)
        client.minimumReadPoint = client.volumeDurableLSN
        done += 1
      }
    }
    world.run(for: .seconds(60))

    #expect(done == 8_000)
    for node in world.nodes {
      #expect(node.meters.bytesLogged.total > 2 * tuning.journalSize)
    }
    world.simulation.shutDown()
  }
}
