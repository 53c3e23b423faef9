import Simulation

/// One round of the background: pages that get newer images together.
struct BackgroundPass {
  struct Image {
    let copy: Int
    let page: PageNumber
    let lsn: LSN
    /// The slot of the image before; negative if there was none.
    let oldSlot: Int32
  }

  var outstandingReads = 0
  /// Whether all pages of the pass have been chosen.
  var isComplete = false
  var images: [Image] = []
}

/// Coalescing and garbage collection: the log becomes pages, and its space becomes free.
///
/// ```
///   choose pages ─▶ read their images ─▶ apply records ─▶ write into free slots ─▶ flush
///     ─▶ records in front are in pages: raise floor, move the journal's tail ─▶ superblock ─▶ flush
///     ─▶ the space may be used again
/// ```
extension StorageIncarnation {
  /// Starts a pass if there is enough to coalesce, and none is under way.
  func considerPass() {
    guard pass == nil else { return }
    let threshold = writersShare / 100 * tuning.coalescingThreshold
    var uncoalesced = 0
    for copy in segments.indices { uncoalesced += segments[copy].uncoalescedBytes }
    isSweeping = isSweeping ? uncoalesced > threshold / 2 : uncoalesced > threshold
    if isSweeping { startPass() }
    guard pass == nil, isOver(tuning.forcedCollectionThreshold) else { return }
    collectGarbage()
    // What still holds the tail is few bytes of records in front of much space.
    if isOver(tuning.forcedCollectionThreshold) { startPass() }
  }

  private func isOver(_ percent: Int) -> Bool { journal.used > writersShare / 100 * percent }

  private func startPass() {
    var chosen: [(copy: Int, page: PageNumber)] = []
    let first = journal.oldest?.copy ?? 0
    for offset in segments.indices {
      choosePages(of: (first + offset) % segments.count, &chosen)
    }
    guard !chosen.isEmpty else { return }
    if store.reserve(chosen.count) { writeSuperblock() }
    pass = BackgroundPass()
    for (copy, page) in chosen { makeImage(of: page, copy) }
    pass?.isComplete = true
    finishReads()
  }

  /// Chooses the pages of the oldest records that may be made into pages.
  private func choosePages(of copy: Int, _ chosen: inout [(copy: Int, page: PageNumber)]) {
    let limit = segments[copy].coalescingLimit
    var index = segments[copy].skipCoalesced()
    let end = min(segments[copy].ring.end, index + 4096)
    while index < end, chosen.count < tuning.pagesPerPass {
      let record = segments[copy].ring[index]
      if record.lsn > limit { return }
      let entry = segments[copy].pages[record.page]
      if record.lsn > entry.baseLSN, !entry.isBusy, !entry.isDamaged {
        segments[copy].pages[record.page].isBusy = true
        chosen.append((copy, record.page))
      }
      index += 1
    }
  }

  private func makeImage(of page: PageNumber, _ copy: Int) {
    let entry = segments[copy].pages[page]
    if entry.slot < 0 {
      makeImage(of: page, copy, from: StorageIncarnation.blankPage)
    } else if let image = images.image(of: page, lsn: entry.baseLSN) {
      makeImage(of: page, copy, from: image)
    } else {
      pass?.outstandingReads += 1
      read(
        Int(entry.slot),
        PendingRead(copy: copy, page: page, baseLSN: entry.baseLSN, purpose: .coalesce))
    }
  }

  func takeBaseImage(_ image: [UInt8]?, of page: PageNumber, _ copy: Int) {
    pass?.outstandingReads -= 1
    if let image {
      makeImage(of: page, copy, from: image)
    } else {
      segments[copy].pages[page].isBusy = false
    }
    finishReads()
  }

  private func makeImage(of page: PageNumber, _ copy: Int, from base: [UInt8]) {
    charge(tuning.processorTimePerPage)
    var image = base
    let limit = segments[copy].coalescingLimit
    let lsn: LSN? = image.withUnsafeMutableBytes { image in
      guard segments[copy].apply(page, upTo: limit, to: image) else { return nil }
      Page.seal(image, as: page)
      return Page.lsn(of: UnsafeRawBufferPointer(image))
    }
    let entry = segments[copy].pages[page]
    guard let lsn, lsn > entry.baseLSN else {
      if lsn == nil { noteDamage(of: page, copy) }
      segments[copy].pages[page].isBusy = false
      return
    }
    pass?.images.append(write(image, of: page, lsn: lsn, copy))
    images.put(image, of: page)
    node.meters.pagesCoalesced += 1
  }

  private func finishReads() {
    guard let pass, pass.isComplete, pass.outstandingReads == 0 else { return }
    afterFlush(.finishImages)
  }

  /// The images of the pass are durable: what they were made from is needed no longer.
  func finishImages() {
    guard let done = pass else { return }
    pass = nil
    for image in done.images {
      segments[image.copy].pages[image.page].isBusy = false
      settle(image)
    }
    collectGarbage()
  }

  /// An image is durable: the one before it is needed no longer.
  func settle(_ image: BackgroundPass.Image) {
    let persisted = segments[image.copy].pages[image.page].persistedLSN
    segments[image.copy].pages[image.page].persistedLSN = max(persisted, image.lsn)
    if image.oldSlot >= 0 { store.giveBack(Int(image.oldSlot)) }
  }

  /// Forgets what is in pages, and lets the journal's tail follow.
  private func collectGarbage() {
    let isForced = isOver(tuning.forcedCollectionThreshold)
    for copy in segments.indices { segments[copy].collectGarbage(isForced: isForced) }
    let before = journal.releasableTail
    releaseFrames()
    while isOver(tuning.forcedCollectionThreshold), let oldest = journal.oldest,
      segments[oldest.copy].isBehindHole(journalledThrough: oldest.last)
    {
      // A hot log full of pieces behind a hole would have no room for what fills it.
      node.meters.forgottenPieces += 1
      segments[oldest.copy].forgetPending()
      releaseFrames()
    }
    if journal.releasableTail > before { writeSuperblock() }
  }

  private func releaseFrames() {
    journal.release { segments[$0.copy].needs(journalledThrough: $0.last) }
  }
}
