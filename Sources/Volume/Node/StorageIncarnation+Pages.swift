import Simulation

/// A disk read under way, and what it is for.
struct PendingRead {
  enum Purpose {
    case answer(PageRequest, to: Address)
    /// The background makes a newer image of the page.
    case coalesce
    /// A peer copies pages from here.
    case ship(UInt64)
    /// To see whether it is still what was written.
    case scrub
  }

  let copy: Int
  let page: PageNumber
  let baseLSN: LSN
  let purpose: Purpose
}

/// Page reads: an image from disk or memory, the records since, and off it goes.
extension StorageIncarnation {
  func receivePageRequest(_ datagram: Datagram) {
    let request = datagram.payload.withUnsafeBytes { Message.isIntact($0) ? PageRequest($0) : nil }
    guard let request, let copy = copy(of: request.group) else { return }
    charge(tuning.processorTimePerPage)
    answer(request, copy, to: datagram.source)
  }

  private func answer(_ request: PageRequest, _ copy: Int, to address: Address) {
    let epoch = segments[copy].history.epoch
    if request.epoch < epoch { return refuse(request, .fenced, copy, address) }
    if request.epoch > epoch {
      pull(for: copy)
      return refuse(request, .behind, copy, address)
    }
    let source = segments[copy].source(
      of: request.page, at: request.readPoint, requiredSCL: request.requiredSCL)
    switch source {
    case .refused(let status):
      if status == .incomplete { peers[copy].noteHeard(request.requiredSCL) }
      refuse(request, status, copy, address)
    case .blank: refuse(request, .blank, copy, address)
    case .recordsAlone: ship(request, copy, image: nil, to: address)
    case .image(let slot, let baseLSN):
      if let image = images.image(of: request.page, lsn: baseLSN) {
        ship(request, copy, image: image, to: address)
      } else {
        read(
          slot,
          PendingRead(
            copy: copy, page: request.page, baseLSN: baseLSN,
            purpose: .answer(request, to: address)))
      }
    }
  }

  /// Sends the page: the image with the records up to the read point applied.
  private func ship(_ request: PageRequest, _ copy: Int, image: [UInt8]?, to address: Address) {
    let reply = PageReply(
      status: .image, group: request.group, epoch: segments[copy].history.epoch, id: request.id,
      page: request.page, segmentCompleteLSN: segments[copy].durableLSN)
    var writer = reply.header(reserving: PageReply.headerSize + Page.size)
    writer.append(image ?? StorageIncarnation.blankPage)
    var bytes = writer.take()
    let isSound = bytes.withUnsafeMutableBytes { bytes in
      let page = UnsafeMutableRawBufferPointer(rebasing: bytes[PageReply.headerSize...])
      let isSound = segments[copy].apply(request.page, upTo: request.readPoint, to: page)
      Page.seal(page, as: request.page)
      return isSound
    }
    guard isSound else {
      noteDamage(of: request.page, copy)
      return refuse(request, .failed, copy, address)
    }
    Message.seal(&bytes, upTo: PageReply.headerSize)
    node.meters.pagesServed += 1
    send(bytes, to: address)
  }

  private func refuse(
    _ request: PageRequest, _ status: PageReply.Status, _ copy: Int, _ address: Address
  ) {
    let reply = PageReply(
      status: status, group: request.group, epoch: segments[copy].history.epoch, id: request.id,
      page: request.page, segmentCompleteLSN: segments[copy].durableLSN)
    var writer = reply.header()
    send(RecoveryMessages.sealed(&writer), to: address)
  }

  /// A page that nobody has written.
  static let blankPage = [UInt8](repeating: 0, count: Page.size)

  // MARK: Disk reads

  func read(_ slot: Int, _ read: PendingRead) {
    let index: Int
    if let reused = freeReads.popLast() {
      index = reused
      reads[index] = read
    } else {
      index = reads.count
      reads.append(read)
    }
    node.disk.read(
      at: store.offset(of: slot), count: Page.size, for: process, self,
      token: Token.reads + UInt64(index))
  }

  func readDidComplete(_ index: Int, _ outcome: DiskOutcome) {
    guard let read = reads[index] else { return }
    reads[index] = nil
    freeReads.append(index)
    var image: [UInt8]?
    if case .bytes(let bytes) = outcome {
      let isRight = bytes.withUnsafeBytes {
        Page.isIntact($0, as: read.page) && Page.lsn(of: $0) == read.baseLSN
      }
      if isRight { image = bytes }
    } else {
      node.meters.failedDiskOperations += 1
    }
    // The slot may have been given to another page while the disk was busy.
    let isCurrent = segments[read.copy].pages[read.page].baseLSN == read.baseLSN
    if image == nil, isCurrent, case .bytes = outcome { noteDamage(of: read.page, read.copy) }
    switch read.purpose {
    case .answer(let request, let address):
      if let image, isCurrent {
        images.put(image, of: read.page)
        ship(request, read.copy, image: image, to: address)
      } else if isCurrent {
        refuse(request, .failed, read.copy, address)
      } else {
        answer(request, read.copy, to: address)
      }
    case .scrub: break
    case .coalesce: takeBaseImage(isCurrent ? image : nil, of: read.page, read.copy)
    case .ship(let shipment):
      if isCurrent {
        load(image, of: read.page, into: shipment)
      } else {
        loadImage(of: read.page, read.copy, into: shipment)
      }
    }
  }
}
