import Simulation

/// The copying of pages from one peer, as far as it has got.
struct Hydration {
  let peer: Address
  /// Images above this LSN are wanted: where our own pages stopped when it began.
  let above: LSN
  /// What all pages will hold when the last has come: the peer's floor when it began.
  var target: LSN?
  var next = PageNumber(0)
  /// When the peer last sent something, or was asked once more.
  var lastProgress: Instant
  /// How often the same was asked for again; one lost message must not cost the pages before it.
  var retries = 0

  static let mostRetries = 4
}

/// Images that are being read from disk for a peer.
struct Shipment {
  let copy: Int
  let request: ImagesRequest
  let requester: Address
  let floor: LSN
  var pages: [PageNumber]
  var images: [[UInt8]?]
  var outstandingReads = 0
  /// Where the asker should go on; the page it asked for when there is no more.
  let next: PageNumber
}

/// Repair by copying pages: for a copy that was away for so long that its peers have turned the
/// records it lacks into pages and forgotten them.
///
/// ```
///   pull ─▶ ◀─ answer: my floor is above your SCL
///   images above my own floor, from page 0 ─▶ ◀─ images, and where to go on
///   images …, from page n                  ─▶ ◀─ images, that was the last
///   all on disk: floor and SCL leap to the peer's floor; what is above comes by gossip
/// ```
///
/// The peer's pages may be newer than its floor was: records that are in an image already are passed
/// over when they come. Nothing of an image can be annulled, since only durable records are in it.
///
/// Source: Verbitski et al., SIGMOD 2018, §4.2, repair of a full segment.
extension StorageIncarnation {
  ///
  /// If so many copies are at it already that not one more image has room, nothing: the next pull begins with it.
  func hydrate(_ copy: Int, from peer: Address) {
    guard peers[copy].hydration == nil, hydratingCount < mostImages else { return }
    peers[copy].hydration = Hydration(
      peer: peer, above: segments[copy].floor, lastProgress: process.now)
    askForImages(copy)
  }

  private func askForImages(_ copy: Int) {
    guard let hydration = peers[copy].hydration else { return }
    let request = ImagesRequest(
      group: segments[copy].group, historyEpoch: segments[copy].history.epoch,
      above: hydration.above, from: hydration.next, count: max(1, room / Page.size))
    send(request.encoded(), to: hydration.peer)
  }

  /// Asks a peer that has fallen silent once more, or gives it up; the next pull begins with another.
  func attendHydration(of copy: Int) {
    guard let hydration = peers[copy].hydration,
      hydration.lastProgress + tuning.hydrationPatience < process.now
    else { return }
    guard hydration.retries < Hydration.mostRetries else {
      peers[copy].hydration = nil
      return
    }
    peers[copy].hydration?.retries += 1
    peers[copy].hydration?.lastProgress = process.now
    askForImages(copy)
  }

  // MARK: Sending

  func receiveImagesRequest(_ datagram: Datagram) {
    let request = datagram.payload.withUnsafeBytes {
      Message.isIntact($0) ? ImagesRequest($0) : nil
    }
    guard let request, let copy = copy(of: request.group),
      segments[copy].remembers, request.historyEpoch == segments[copy].history.epoch
    else { return }
    var pages: [PageNumber] = []
    var next = request.from
    segments[copy].pages.visit(from: request.from) { page, entry in
      guard entry.slot >= 0 || entry.isDamaged, entry.baseLSN > request.above else { return true }
      if pages.count == min(request.count, mostImages, tuning.imagesPerAnswer) {
        next = page
        return false
      }
      pages.append(page)
      return true
    }
    lastShipment += 1
    let id = lastShipment
    shipments[id] = Shipment(
      copy: copy, request: request, requester: datagram.source, floor: segments[copy].floor,
      pages: pages, images: Array(repeating: nil, count: pages.count), outstandingReads: 1,
      next: next)
    for page in pages {
      charge(tuning.processorTimePerPage)
      shipments[id]?.outstandingReads += 1
      loadImage(of: page, copy, into: id)
    }
    finishRead(of: id)
  }

  /// Fetches the newest image of a page for a peer.
  func loadImage(of page: PageNumber, _ copy: Int, into id: UInt64) {
    let entry = segments[copy].pages[page]
    if entry.isDamaged {
      load(nil, of: page, into: id)
    } else if let image = images.image(of: page, lsn: entry.baseLSN) {
      load(image, of: page, into: id)
    } else {
      read(
        Int(entry.slot),
        PendingRead(copy: copy, page: page, baseLSN: entry.baseLSN, purpose: .ship(id)))
    }
  }

  /// Takes in an image for a peer; `nil` if it could not be read.
  func load(_ image: [UInt8]?, of page: PageNumber, into id: UInt64) {
    if let index = shipments[id]?.pages.firstIndex(of: page) {
      shipments[id]?.images[index] = image
    }
    finishRead(of: id)
  }

  private func finishRead(of id: UInt64) {
    shipments[id]?.outstandingReads -= 1
    guard let shipment = shipments[id], shipment.outstandingReads == 0 else { return }
    shipments.removeValue(forKey: id)
    // From the first page that could not be had, the peer asks again.
    let count = shipment.images.firstIndex { $0 == nil } ?? shipment.images.count
    if count == 0, !shipment.images.isEmpty { return }
    let answer = ImagesAnswer(
      group: shipment.request.group, historyEpoch: shipment.request.historyEpoch,
      floor: shipment.floor, volumeDurableLSN: segments[shipment.copy].volumeDurableLSN,
      from: shipment.request.from,
      next: count < shipment.pages.count ? shipment.pages[count] : shipment.next)
    send(
      answer.encoded(with: shipment.images.prefix(count).compactMap(\.self)),
      to: shipment.requester)
  }

  // MARK: Receiving

  func receiveImagesAnswer(_ datagram: Datagram) {
    guard let answer = datagram.payload.withUnsafeBytes({ ImagesAnswer($0) }),
      let copy = copy(of: answer.group), let hydration = peers[copy].hydration,
      answer.historyEpoch == segments[copy].history.epoch,
      hydration.peer == datagram.source, hydration.next == answer.from
    else { return }
    peers[copy].hydration?.lastProgress = process.now
    peers[copy].hydration?.retries = 0
    if hydration.target == nil { peers[copy].hydration?.target = answer.floor }
    segments[copy].learn(volumeDurableLSN: answer.volumeDurableLSN, minimumReadPoint: .zero)
    let count = (datagram.payload.count - ImagesAnswer.headerSize) / Page.size
    if store.reserve(count) { writeSuperblock() }
    var imported: [BackgroundPass.Image] = []
    for index in 0..<count {
      let start = ImagesAnswer.headerSize + index * Page.size
      let image = Array(datagram.payload[start..<start + Page.size])
      guard isSound(image, copy) else {
        // Without this page nothing may be leapt over: begin again with another peer.
        node.meters.damagedImages += 1
        process.probe(VolumeProbe.damagedPage)
        peers[copy].hydration = nil
        break
      }
      if let done = importImage(image, copy) { imported.append(done) }
    }
    afterFlush(.finishImport(copy: copy, imported, answer))
  }

  /// Whether an image is what its peer sealed, and of this copy's group.
  func isSound(_ image: [UInt8], _ copy: Int) -> Bool {
    image.withUnsafeBytes {
      let page = Page.number(of: $0)
      return Page.isIntact($0, as: page)
        && node.geometry.group(of: page).index == segments[copy].group
    }
  }

  private func importImage(_ image: [UInt8], _ copy: Int) -> BackgroundPass.Image? {
    charge(tuning.processorTimePerPage)
    let (page, lsn) = image.withUnsafeBytes { (Page.number(of: $0), Page.lsn(of: $0)) }
    let entry = segments[copy].pages[page]
    guard lsn > entry.baseLSN || entry.isDamaged && lsn == entry.baseLSN else { return nil }
    return write(image, of: page, lsn: lsn, copy)
  }

  /// The images of one answer are durable: ask for the next ones, or leap if these were the last.
  func finishImport(_ copy: Int, _ images: [BackgroundPass.Image], _ answer: ImagesAnswer) {
    for image in images { settle(image) }
    node.meters.pagesHydrated += images.count
    process.probe(VolumeProbe.filledByPages)
    guard answer.historyEpoch == segments[copy].history.epoch,
      let hydration = peers[copy].hydration, hydration.next == answer.from
    else { return }
    guard answer.isLast else {
      peers[copy].hydration?.next = answer.next
      return askForImages(copy)
    }
    peers[copy].hydration = nil
    if let target = hydration.target { segments[copy].leap(to: target) }
    writeSuperblock()
    pull(for: copy, from: hydration.peer)
  }
}
