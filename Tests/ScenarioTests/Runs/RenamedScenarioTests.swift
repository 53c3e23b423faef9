import Scenarios
import Testing

@Suite struct `A scenario that is renamed` {
  @Test func `is the same run`() throws {
    func digest(_ name: String, seed: UInt64 = 4) throws -> String {
      let tiny = TinyScenario(
        name: name, horizon: "5s", faults: ["{ id: down, at: 2s, host_crash: { on: writer } }"])
      return try tiny.run(seed: seed).digest
    }
    let short = try digest("a")
    #expect(try digest("a-much-longer-name-that-takes-more-bytes-on-the-wire") == short)
    #expect(try digest("a", seed: 5) != short)
  }
}
