/// Elements that stand still, each named by its place until it is taken out; the place that was left last is
/// the first to be filled again.
///
/// What goes in and out of a slab is moved, not copied: no reference is counted on the way.
struct Slab<Element: ~Copyable>: ~Copyable {
  private var elements: UnsafeMutablePointer<Element>
  /// For each place: `occupied`, or the free place that was left before it.
  private var links: UnsafeMutablePointer<Int>
  private var capacity = 16
  /// Places that were ever filled.
  private var extent = 0
  private var firstFree = Self.none
  /// Elements that are in it.
  private(set) var count = 0

  private static var none: Int { -1 }
  private static var occupied: Int { -2 }

  init() {
    elements = .allocate(capacity: capacity)
    links = .allocate(capacity: capacity)
  }

  deinit {
    for place in 0..<extent where links[place] == Self.occupied {
      (elements + place).deinitialize(count: 1)
    }
    elements.deallocate()
    links.deallocate()
  }

  /// - Returns: the place of the element.
  @inline(__always)
  mutating func insert(_ element: consuming Element) -> Int {
    var place = firstFree
    if place != Self.none {
      firstFree = links[place]
    } else {
      if extent == capacity { grow() }
      place = extent
      extent += 1
    }
    (elements + place).initialize(to: element)
    links[place] = Self.occupied
    count += 1
    return place
  }

  /// - Precondition: the place is occupied.
  @inline(__always)
  mutating func remove(at place: Int) -> Element {
    precondition(isOccupied(place), "nothing is at place \(place)")
    links[place] = firstFree
    firstFree = place
    count -= 1
    return (elements + place).move()
  }

  @inline(__always)
  func isOccupied(_ place: Int) -> Bool { place < extent && links[place] == Self.occupied }

  /// - Precondition: the place is occupied.
  subscript(place: Int) -> Element {
    @inline(__always) _read {
      precondition(isOccupied(place), "nothing is at place \(place)")
      yield elements[place]
    }
    @inline(__always) _modify {
      precondition(isOccupied(place), "nothing is at place \(place)")
      yield &elements[place]
    }
  }

  /// The places that are filled, in ascending order.
  var places: [Int] { (0..<extent).filter { links[$0] == Self.occupied } }

  /// Lets go of every element.
  mutating func removeAll() {
    for place in 0..<extent where links[place] == Self.occupied { _ = remove(at: place) }
  }

  private mutating func grow() {
    let more = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
    more.moveInitialize(from: elements, count: extent)
    elements.deallocate()
    elements = more
    let moreLinks = UnsafeMutablePointer<Int>.allocate(capacity: capacity * 2)
    moreLinks.update(from: links, count: extent)
    links.deallocate()
    links = moreLinks
    capacity *= 2
  }
}
