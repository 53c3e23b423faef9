public import Simulation

/// The volume as a reader instance sees it: pages at read points that the writer has told.
///
/// A reader takes no part in epochs: what it reads is below a durable LSN, which no later opener can
/// undo. When a copy says that a newer epoch has begun, the reader goes by that one from then on.
public final class VolumeReader: DatagramHandler {
  public let process: Process
  public let geometry: VolumeGeometry
  private let fetcher: PageFetcher

  public init(
    process: Process, geometry: VolumeGeometry, epoch: VolumeEpoch = .none,
    tuning: VolumeTuning = VolumeTuning()
  ) {
    (self.process, self.geometry) = (process, geometry)
    let port = process.ephemeralPort()
    fetcher = PageFetcher(
      process: process, geometry: geometry, tuning: tuning, port: port, epoch: epoch)
    process.bind(port, to: self)
  }

  /// The newest epoch that the writer or a copy has told.
  public var epoch: VolumeEpoch {
    get { fetcher.epoch }
    set { fetcher.epoch = max(fetcher.epoch, newValue) }
  }

  /// Reads of pages that have begun.
  public var readCount: Int { fetcher.readCount }

  /// Reads of pages that have begun and not ended.
  public var pendingReadCount: Int { fetcher.pendingReadCount }

  /// Reads a page as it was at a read point; a page that nobody has written is all zero.
  ///
  /// - Parameters:
  ///   - readPoint: a durable LSN that the writer has told.
  ///   - groupTails: the last record of each group at or below it, or above.
  /// - Throws: ``VolumeError/readPointTooOld(_:)`` if every copy has moved on;
  ///   ``VolumeError/processEnded`` if the process ends.
  public func read(
    _ page: PageNumber, at readPoint: LSN, groupTails: [LSN]
  ) async throws(VolumeError) -> [UInt8] {
    let group = geometry.group(of: page).index
    return try await fetcher.read(page, at: readPoint, requiredSCL: groupTails[group])
  }

  public func receive(_ datagram: Datagram) {
    guard Message.kind(of: datagram.payload) == .pageReply else { return }
    if let newer = fetcher.receive(datagram) { epoch = newer }
  }
}
