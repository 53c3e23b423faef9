import Simulation
import Testing

@testable import Scenarios

@Suite struct `Delta debugging` {
  /// Tries lists one after another, and counts them.
  private final class Judge {
    private(set) var count = 0
    private let fails: ([Int]) -> Bool

    init(_ fails: @escaping ([Int]) -> Bool) { self.fails = fails }

    func firstFailing(_ lists: [[Int]]) -> Int? {
      lists.firstIndex {
        count += 1
        return fails($0)
      }
    }
  }

  @Test func `finds the two of many that it takes`() {
    let judge = Judge { $0.contains(3) && $0.contains(17) }
    #expect(DeltaDebugging.minimize(Array(1...64), firstFailing: judge.firstFailing) == [3, 17])
    #expect(judge.count < 100, "it took \(judge.count) trials")
  }

  @Test func `finds nothing where nothing is needed, and all where all is`() {
    #expect(DeltaDebugging.minimize([1, 2, 3], firstFailing: { _ in 0 }) == [])
    #expect(DeltaDebugging.minimize([] as [Int], firstFailing: { _ in 0 }) == [])
    let all = Judge { $0.count == 9 }
    #expect(DeltaDebugging.minimize(Array(1...9), firstFailing: all.firstFailing) == Array(1...9))
    let one = Judge { !$0.isEmpty }
    #expect(DeltaDebugging.minimize(Array(1...9), firstFailing: one.firstFailing).count == 1)
  }

  /// Against failures drawn by lot: any number of wanted elements, which must be there together.
  @Test(arguments: 1...100 as ClosedRange<UInt64>)
  func `leaves a list of which no element can go`(seed: UInt64) {
    let random = RandomStream(seed: seed)
    let size = 1 + random.index(below: 30)
    let sets = (0..<1 + random.index(below: 3)).map { _ in
      (0..<1 + random.index(below: 4)).map { _ in random.index(below: size) }
    }
    func fails(_ list: [Int]) -> Bool { sets.contains { $0.allSatisfy(list.contains) } }
    let judge = Judge(fails)
    let smallest = DeltaDebugging.minimize(Array(0..<size), firstFailing: judge.firstFailing)
    #expect(fails(smallest) && smallest == smallest.sorted())
    for index in smallest.indices {
      var smaller = smallest
      smaller.remove(at: index)
      #expect(!fails(smaller), "\(smallest) fails without its element \(index), too")
    }
  }
}
