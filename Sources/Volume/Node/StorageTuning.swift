public import Simulation

/// What can be set about a storage node.
///
/// The CPU costs are a model: of the order that a node spends on the checksums and copies that are
/// asked of it, on a vCPU of nominal speed.
public struct StorageTuning: Sendable {
  /// Bytes of the hot log on disk; the writer may fill a part of it (see ``StorageIncarnation/writersShare``).
  /// Writers hear how much that is, and send smaller batches if it is little; a single mini-transaction must fit.
  public var journalSize = 16 * 1024 * 1024
  /// Pages are made from the log when the records that are in none yet are as large as this share of
  /// what the writer may fill of the hot log, in percent; until half of that is left.
  public var coalescingThreshold = 50
  /// Beyond this share of what the writer may fill of the hot log, records go although some copy still lacks
  /// them, in percent.
  public var forcedCollectionThreshold = 75
  /// Pages made per pass of the background.
  public var pagesPerPass = 64
  /// Page images kept in memory.
  public var cachedImages = 128
  /// Between two looks for holes and for peers that are ahead.
  public var gossipInterval = Interval.milliseconds(100)
  /// Every so many looks a copy that lacks nothing asks a peer all the same.
  public var idleGossipRatio = 10
  /// Bytes that a node lets its peers send it at once, of records and page images that its copies lack. What a socket
  /// holds that has been given no other size: `net.core.wmem_default` and `rmem_default` of Linux, in bytes. The port
  /// of a switch holds several times as much, so that there is room beside it for what the writer sends.
  public var answerWindow = 212_992
  /// Page images in one answer to a peer, at the most; ``answerWindow`` sets a limit, too.
  public var imagesPerAnswer = 64
  /// A peer that has not sent the next images by then is given up.
  public var hydrationPatience = Interval.milliseconds(500)
  /// Page images that are looked at per ``gossipInterval``, whether they are still what was written.
  public var pagesPerScrub = 4
  /// After which a failed disk operation is tried again.
  public var diskRetryDelay = Interval.milliseconds(5)
  /// After which the host starts the program again when it has crashed.
  public var restartDelay = Interval.seconds(1)

  public var processorTimePerBatch = Interval.microseconds(4)
  public var processorTimePerRecord = Interval.nanoseconds(300)
  public var processorTimePerPage = Interval.microseconds(12)

  public init() {}

  /// As for a node that holds so many copies: each adds to the hot log, so that what the writer may fill of it does not
  /// vanish. The default is enough for 63 copies.
  ///
  /// - Parameter journalSize: what it is to have; `nil` for the default.
  public init(copies: Int, journalSize: Int? = nil) {
    self.journalSize = max(journalSize ?? self.journalSize, (copies + 1) * Self.leastShare)
  }

  /// What a writer may fill of a hot log, at least, in bytes: a hundred times as much as a transaction of an application
  /// writes. A guess.
  private static let leastShare = 256 * 1024

  /// With some settings at their extremes, if the run draws them: the same ones whenever it asks, so that a disk
  /// is found as it was laid out.
  public func drawn(in simulation: Simulation) -> StorageTuning {
    let points = simulation.faultPoints
    var drawn = self
    drawn.journalSize = points.tunable("storage.journal_size", journalSize, extremes: [512 * 1024])
    drawn.coalescingThreshold = points.tunable(
      "storage.coalescing_threshold", coalescingThreshold, extremes: [1, 60])
    drawn.pagesPerPass = points.tunable("storage.pages_per_pass", pagesPerPass, extremes: [1])
    drawn.cachedImages = points.tunable("storage.cached_images", cachedImages, extremes: [2])
    drawn.gossipInterval = points.tunable(
      "storage.gossip_interval", gossipInterval,
      extremes: [.milliseconds(10), .milliseconds(700)])
    drawn.pagesPerScrub = points.tunable("storage.pages_per_scrub", pagesPerScrub, extremes: [64])
    drawn.answerWindow = points.tunable(
      "storage.answer_window", answerWindow, extremes: [2 * 1024])
    drawn.imagesPerAnswer = points.tunable(
      "storage.images_per_answer", imagesPerAnswer, extremes: [1])
    return drawn
  }
}
