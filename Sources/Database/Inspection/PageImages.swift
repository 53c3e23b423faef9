import Volume

/// Images of pages, asked for one at a time and kept only while they are looked at.
final class PageImages {
  private let image: (PageNumber) -> [UInt8]?
  private var spare: [Frame] = []

  /// - Parameter image: a page, ``Page/size`` bytes long; `nil` if there is no sound image of it.
  init(_ image: @escaping (PageNumber) -> [UInt8]?) { self.image = image }

  deinit { for frame in spare { frame.deallocate() } }

  /// Gives a page to `body`, which must not keep it.
  ///
  /// - Returns: what `body` returned; `nil` if there is no image.
  func withPage<Result>(_ page: PageNumber, _ body: (Frame) -> Result) -> Result? {
    guard let bytes = image(page) else { return nil }
    precondition(bytes.count == Page.size, "\(page) came with \(bytes.count) bytes")
    let frame = spare.popLast() ?? Frame.allocate()
    defer { spare.append(frame) }
    frame.page = page
    bytes.withUnsafeBytes { frame.buffer.copyMemory(from: $0) }
    return body(frame)
  }
}
