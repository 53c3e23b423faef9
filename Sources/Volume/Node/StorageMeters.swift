public import Simulation

// What is counted of storage nodes.

extension Meter.Kind {
  /// Batches that a node took from a writer first-hand; what it got from peers, or had already, is not among them.
  public static let batchesReceived = Self("node_batches", .count)
  /// Records of those batches.
  public static let recordsReceived = Self("node_records", .count)
  /// Bytes put into the hot log, from writers and from peers.
  public static let bytesLogged = Self("node_bytes_logged", .bytes)
  /// Batches refused because the sender had been fenced.
  public static let fencedBatches = Self("node_fenced_batches", .count)
  /// Batches and peers' runs dropped because the hot log was full.
  public static let refusedBatches = Self("node_refused_batches", .count)
  public static let nodeFlushes = Self("node_flushes", .count)
  /// Records that were lacking and came from a peer.
  public static let gossipRecords = Self("node_records_by_gossip", .count)
  /// Records that a peer sent although they were here already.
  public static let repeatedGossipRecords = Self("node_repeated_records_by_gossip", .count)
  /// Times when pieces behind a hole were forgotten, because the hot log had no room to fill it.
  public static let forgottenPieces = Self("node_forgotten_pieces", .count)
  public static let pagesServed = Self("node_pages_served", .count)
  public static let pagesCoalesced = Self("node_pages_coalesced", .count)
  /// Pages copied whole from a peer that no longer had their records.
  public static let pagesHydrated = Self("node_pages_hydrated", .count)
  /// Images that were not on disk as they should have been.
  public static let damagedImages = Self("node_damaged_images", .count)
  /// Pages that a peer sent in place of a damaged image.
  public static let pagesRepaired = Self("node_pages_repaired", .count)
  public static let pagesScrubbed = Self("node_pages_scrubbed", .count)
  public static let failedDiskOperations = Self("node_failed_disk_operations", .count)
  /// Times when the node was put together again from its disk.
  public static let rebuilds = Self("node_rebuilds", .count)
}

/// The meters of a storage node.
public struct StorageMeters {
  public let batches: Meter
  public let records: Meter
  public let bytesLogged: Meter
  public let fencedBatches: Meter
  public let refusedBatches: Meter
  public let flushes: Meter
  public let gossipRecords: Meter
  public let repeatedGossipRecords: Meter
  public let forgottenPieces: Meter
  public let pagesServed: Meter
  public let pagesCoalesced: Meter
  public let pagesHydrated: Meter
  public let damagedImages: Meter
  public let pagesRepaired: Meter
  public let pagesScrubbed: Meter
  public let failedDiskOperations: Meter
  public let rebuilds: Meter

  init(of host: Host) {
    batches = host.meter(.batchesReceived)
    records = host.meter(.recordsReceived)
    bytesLogged = host.meter(.bytesLogged)
    fencedBatches = host.meter(.fencedBatches)
    refusedBatches = host.meter(.refusedBatches)
    flushes = host.meter(.nodeFlushes)
    gossipRecords = host.meter(.gossipRecords)
    repeatedGossipRecords = host.meter(.repeatedGossipRecords)
    forgottenPieces = host.meter(.forgottenPieces)
    pagesServed = host.meter(.pagesServed)
    pagesCoalesced = host.meter(.pagesCoalesced)
    pagesHydrated = host.meter(.pagesHydrated)
    damagedImages = host.meter(.damagedImages)
    pagesRepaired = host.meter(.pagesRepaired)
    pagesScrubbed = host.meter(.pagesScrubbed)
    failedDiskOperations = host.meter(.failedDiskOperations)
    rebuilds = host.meter(.rebuilds)
  }
}
