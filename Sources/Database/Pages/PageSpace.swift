import Volume

/// The pages of a volume as the trees and logs of the engine use them: to read, to edit, to take
/// and to give back.
///
/// Free pages form a list that starts on the meta page. A page that is taken must be in memory, as
/// its redo continues the chain of what was done to it before; so what takes pages *reserves* them
/// while it may still miss, and *takes* them once it may not.
final class PageSpace {
  let pool: BufferPool
  let editor: PageEditor

  init(pool: BufferPool, editor: PageEditor) { (self.pool, self.editor) = (pool, editor) }

  @inline(__always)
  func frame(of page: PageNumber) throws(PageMiss) -> Frame { try pool.frame(of: page) }

  func meta() throws(PageMiss) -> MetaPage { MetaPage(try pool.frame(of: .meta)) }

  /// Makes sure that `count` pages can be taken without a miss before the next await.
  func reserve(_ count: Int) throws(PageMiss) {
    if count == 0 { return }
    let meta = try meta()
    var next = meta.firstFree
    for _ in 0..<min(count, Int(meta.freeCount)) { next = try pool.frame(of: next).right }
  }

  /// Takes reserved pages: blank ones, or free ones that whoever uses them must clear.
  func take(_ count: Int) -> [Frame] {
    if count == 0 { return [] }
    let meta = resident(.meta)
    let header = MetaPage(meta)
    let reused = min(count, Int(header.freeCount))
    var taken: [Frame] = []
    taken.reserveCapacity(count)
    var next = header.firstFree
    for _ in 0..<reused {
      let frame = resident(next)
      precondition(frame.kind == .free, "\(next) is in the free list, but in use")
      next = frame.right
      taken.append(frame)
    }
    let pageCount = header.pageCount
    for index in 0..<UInt32(count - reused) {
      taken.append(pool.blank(PageNumber(pageCount + index)))
    }
    if reused < count {
      editor.write(pageCount + UInt32(count - reused), at: MetaPage.Offset.pageCount, of: meta)
    }
    if reused > 0 {
      editor.write(next.value, at: MetaPage.Offset.firstFree, of: meta)
      editor.write(
        header.freeCount - UInt32(reused), at: MetaPage.Offset.freeCount, of: meta)
    }
    return taken
  }

  /// Puts pages on the free list.
  ///
  /// - Precondition: the meta page is in memory.
  func free(_ frames: [Frame]) {
    if frames.isEmpty { return }
    let meta = resident(.meta)
    let header = MetaPage(meta)
    var next = header.firstFree
    let count = header.freeCount
    for frame in frames {
      editor.write(PageKind.free.rawValue, at: PageOffset.kind, of: frame)
      editor.write(next.value, at: PageOffset.right, of: frame)
      next = frame.page
    }
    editor.write(next.value, at: MetaPage.Offset.firstFree, of: meta)
    editor.write(count + UInt32(frames.count), at: MetaPage.Offset.freeCount, of: meta)
  }

  /// Takes reserved pages and gives others back in the same mini-transaction; those given back are taken
  /// first.
  ///
  /// Pages that are given back must not have been edited in the mini-transaction.
  func exchange(taking count: Int, freeing frames: [Frame]) -> [Frame] {
    let reused = min(count, frames.count)
    free(Array(frames[reused...]))
    return frames[..<reused] + take(count - reused)
  }

  /// A page that an earlier step found in memory.
  private func resident(_ page: PageNumber) -> Frame {
    guard let frame = pool.resident(page) else {
      preconditionFailure("\(page) was not looked up before the first edit")
    }
    return frame
  }
}
