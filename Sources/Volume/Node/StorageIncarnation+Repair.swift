import Simulation

/// Repair of single pages: an image that is not what it should be is asked of a peer.
///
/// ```
///   read for whatever purpose ┐
///   scrub: a few per tick     ├─▶ not the image that memory knows of ─▶ page is damaged: no answer to reads
///   rebuild: the directory    ┘                                          │
///   names an image that is not there      page request to a peer, as of what is durable here
///                                         image in another slot ◀── reply, intact and not older ◀─┘
/// ```
///
/// What a peer sends is the page as of a point at or below which nothing can be annulled and this copy is
/// complete, so that it takes the place of the image, and the records that came later go on top of it.
extension StorageIncarnation {
  /// Notes that a page's image is not on disk as it should be, and asks a peer for it.
  func noteDamage(of page: PageNumber, _ copy: Int) {
    guard !segments[copy].pages[page].isDamaged else { return }
    node.meters.damagedImages += 1
    process.probe(VolumeProbe.damagedPage)
    segments[copy].noteDamage(of: page, lsn: segments[copy].pages[page].baseLSN)
    repairs.append(Repair(copy: copy, page: page))
    if askedRepairs < mostImages { askForNextRepair() }
  }

  /// Asks once more for what has not come, of other peers, drawn by lot: for as many pages as the node has room for.
  /// When one has come, the next one is asked for.
  func attendRepairs() {
    repairs.removeAll { !segments[$0.copy].pages[$0.page].isDamaged }
    askedRepairs = 0
    while askedRepairs < min(mostImages, repairs.count) { askForNextRepair() }
  }

  private func askForNextRepair() {
    guard askedRepairs < repairs.count else { return }
    let repair = repairs[askedRepairs]
    askedRepairs += 1
    askForRepair(of: repair.page, repair.copy)
  }

  private func askForRepair(of page: PageNumber, _ copy: Int) {
    let segment = segments[copy]
    guard let (readPoint, requiredSCL) = segment.repairPoint(of: page) else { return }
    let request = PageRequest(
      group: segment.group, epoch: segment.history.epoch, id: UInt64(page.value), page: page,
      readPoint: readPoint, requiredSCL: requiredSCL)
    let peer = peers[copy].addresses[node.random.index(below: peers[copy].addresses.count)]
    send(request.encoded(), to: peer)
  }

  func receivePageReply(_ datagram: Datagram) {
    let reply = datagram.payload.withUnsafeBytes {
      Message.isIntact($0, upTo: min($0.count, PageReply.headerSize)) ? PageReply($0) : nil
    }
    guard let reply, reply.status == .image, let copy = copy(of: reply.group),
      segments[copy].pages[reply.page].isDamaged, reply.epoch == segments[copy].history.epoch
    else { return }
    let image = Array(datagram.payload[PageReply.headerSize...])
    let lsn = image.withUnsafeBytes { Page.lsn(of: $0) }
    let entry = segments[copy].pages[reply.page]
    guard isSound(image, copy), image.withUnsafeBytes({ Page.number(of: $0) }) == reply.page,
      lsn >= entry.baseLSN, lsn <= segments[copy].durableLSN
    else { return }
    if store.reserve(1) { writeSuperblock() }
    node.meters.pagesRepaired += 1
    afterFlush(.settle(write(image, of: reply.page, lsn: lsn, copy)))
    askForNextRepair()
  }

  /// Puts an image into a free slot: from now on it is the page's.
  func write(_ image: [UInt8], of page: PageNumber, lsn: LSN, _ copy: Int) -> BackgroundPass.Image {
    let oldSlot = segments[copy].pages[page].slot
    let slot = store.takeSlot(for: page, lsn: lsn)
    node.disk.write(image, at: store.offset(of: slot))
    segments[copy].rebase(page, to: lsn, slot: slot)
    return BackgroundPass.Image(copy: copy, page: page, lsn: lsn, oldSlot: oldSlot)
  }

  // MARK: Scrub

  /// Looks at the next few images, whether they are still what was written.
  func scrub() {
    guard !segments.isEmpty, store.hasImages else { return }
    var chosen: [PageNumber] = []
    segments[scrubbed.copy].pages.visit(from: scrubbed.next) { page, entry in
      if entry.slot >= 0, !entry.isDamaged, !entry.isBusy { chosen.append(page) }
      return chosen.count < tuning.pagesPerScrub
    }
    for page in chosen {
      let entry = segments[scrubbed.copy].pages[page]
      read(
        Int(entry.slot),
        PendingRead(copy: scrubbed.copy, page: page, baseLSN: entry.baseLSN, purpose: .scrub))
    }
    node.meters.pagesScrubbed += chosen.count
    if chosen.count == tuning.pagesPerScrub, let last = chosen.last {
      scrubbed.next = PageNumber(last.value + 1)
    } else {
      scrubbed = ((scrubbed.copy + 1) % segments.count, PageNumber(0))
    }
  }
}

/// A page that waits for a peer's.
struct Repair {
  let copy: Int
  let page: PageNumber
}
