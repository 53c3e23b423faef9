/// A piece of work on a processor.
///
/// Without references that are counted, so that it moves about in a heap at no cost: a process's work is dropped
/// when the process ends.
struct Work {
  /// The service at which it is done; see ``Processor``.
  var finish: Int64
  /// Counts the pieces of work of the processor.
  let number: UInt64
  let process: Unmanaged<Process>
  /// Wakes the task that waits for it.
  let token: WaitToken?
  /// Whether anybody waits for it.
  var isAwaited: Bool

  /// Of two that are done at once, the one that began first is first.
  @inline(__always)
  func isBefore(_ other: Work) -> Bool {
    finish != other.finish ? finish < other.finish : number < other.number
  }
}

extension Unmanaged {
  @inline(__always)
  func isSame(as other: Unmanaged) -> Bool { toOpaque() == other.toOpaque() }
}

/// The work on a processor, in a binary heap: what is done next comes first.
struct WorkHeap {
  private var pieces: ContiguousArray<Work> = []

  var isEmpty: Bool { pieces.isEmpty }
  var count: Int { pieces.count }
  var first: Work? { pieces.first }

  /// - Parameter place: as ``last(where:)`` tells it. What decides the order must stay.
  subscript(place: Int) -> Work {
    get { pieces[place] }
    set {
      precondition(newValue.finish == pieces[place].finish, "the order of work changes unseen")
      pieces[place] = newValue
    }
  }

  func reduce<Result>(into result: Result, _ add: (inout Result, Work) -> Void) -> Result {
    pieces.reduce(into: result, add)
  }

  /// The place of the piece that is done last, of those that satisfy a predicate; O(n).
  func last(where predicate: (Work) -> Bool) -> Int? {
    var last: Int?
    for place in pieces.indices where predicate(pieces[place]) {
      if let found = last, pieces[place].isBefore(pieces[found]) { continue }
      last = place
    }
    return last
  }

  mutating func insert(_ piece: Work) {
    var place = pieces.count
    pieces.append(piece)
    while place > 0 {
      let parent = (place - 1) / 2
      guard piece.isBefore(pieces[parent]) else { break }
      pieces[place] = pieces[parent]
      place = parent
    }
    pieces[place] = piece
  }

  /// - Precondition: it is not empty.
  @discardableResult
  mutating func removeFirst() -> Work {
    let last = pieces.removeLast()
    guard let first = pieces.first else { return last }
    sink(last, from: 0)
    return first
  }

  private mutating func sink(_ piece: Work, from start: Int) {
    var place = start
    while true {
      var child = 2 * place + 1
      guard child < pieces.count else { break }
      if child + 1 < pieces.count, pieces[child + 1].isBefore(pieces[child]) { child += 1 }
      guard pieces[child].isBefore(piece) else { break }
      pieces[place] = pieces[child]
      place = child
    }
    pieces[place] = piece
  }

  /// Takes out what satisfies a predicate, in no order; O(n).
  mutating func removeAll(where predicate: (Work) -> Bool) -> [Work] {
    let removed = pieces.filter(predicate)
    guard !removed.isEmpty else { return [] }
    pieces.removeAll(where: predicate)
    for place in stride(from: pieces.count / 2 - 1, through: 0, by: -1) {
      sink(pieces[place], from: place)
    }
    return Array(removed)
  }

  mutating func removeAll() { pieces.removeAll() }
}
