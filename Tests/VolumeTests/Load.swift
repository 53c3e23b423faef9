import Simulation

@testable import Volume

/// A writer that appends a mini-transaction every millisecond, whatever happens, until it is told
/// to stop.
final class Load {
  let world: World
  var model = PageModel()
  private(set) var client: VolumeClient?
  let process: Process
  private(set) var committed = 0
  /// The last record that was told to be durable.
  private(set) var durable = LSN.zero
  var isOn = true
  /// Whether an old read is under way: no page may be made of what came after it.
  var holdsReadPoint = false

  /// - Parameter model: what the writer before has written; what is not durable is cut off.
  init(
    _ world: World, seed: UInt64, pages: Int = 40, opener: Int = 1, model: PageModel = PageModel()
  ) {
    (self.world, self.model) = (world, model)
    let process = world.writerHosts[opener - 1].start("db")
    self.process = process
    process.spawn { [self] in
      let client: VolumeClient
      do {
        client = try await VolumeClient.open(
          process: process, geometry: world.geometry, opener: UInt32(opener))
      } catch VolumeError.processEnded { throw ProcessEnded() }
      self.client = client
      durable = client.volumeDurableLSN
      self.model.truncate(above: durable)
      client.onDurable = { [unowned self] in
        durable = $0
        if !holdsReadPoint { client.minimumReadPoint = $0 }
      }
      let random = RandomStream(seed: seed)
      while true {
        try await process.sleep(for: .milliseconds(1))
        guard isOn else { continue }
        let (transaction, edits) = self.model.transaction(random, pages: pages)
        let lsns = client.append(transaction)
        self.model.apply(edits, lsns)
        process.spawn { [self] in
          // Nobody waits any more when the process has ended.
          guard (try? await client.waitUntilDurable(lsns.upperBound)) != nil else { return }
          committed += 1
        }
      }
    }
  }

  /// Whether every copy has everything, and makes the pages that the writer meant.
  func everyCopyIsRight() -> Bool {
    guard let client, client.volumeDurableLSN == client.lastLSN else { return false }
    let inspector = VolumeInspector(geometry: world.geometry, nodes: world.nodes)
    let durable = client.volumeDurableLSN
    guard inspector.copies(at: durable).allSatisfy({ $0.isServing && $0.isComplete }) else {
      return false
    }
    for page in 0..<40 as Range<UInt32> {
      let expected = model.image(of: PageNumber(page), at: durable).contents
      for copy in 0..<6 {
        let image = inspector.image(of: PageNumber(page), copy: copy, at: durable)
        if image?.contents != expected { return false }
      }
    }
    return true
  }
}
