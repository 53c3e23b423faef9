/// A few page images in memory, so that hot pages are not read from disk for each use.
///
/// Each page has one place, which it shares with others; the newest comer has it.
struct ImageCache {
  private struct Place {
    var page = PageNumber(0)
    var image: [UInt8] = []
  }

  private var places: [Place]

  init(capacity: Int) { places = Array(repeating: Place(), count: max(1, capacity)) }

  /// The image of a page, if it is here and of this LSN.
  func image(of page: PageNumber, lsn: LSN) -> [UInt8]? {
    let place = places[index(of: page)]
    guard place.page == page, !place.image.isEmpty,
      place.image.withUnsafeBytes({ Page.lsn(of: $0) }) == lsn
    else { return nil }
    return place.image
  }

  mutating func put(_ image: [UInt8], of page: PageNumber) {
    places[index(of: page)] = Place(page: page, image: image)
  }

  private func index(of page: PageNumber) -> Int {
    Int(page.value &* 0x9E37_79B1 >> 8) % places.count
  }
}
