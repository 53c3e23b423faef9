/// What the cluster volume did over the whole run, warm-up included.
public struct VolumeResult: Codable, Equatable, Sendable {
  /// Bytes of redo handed to the driver, once, not per copy.
  public var redoBytes: Int
  public var redoRecords: Int
  /// Batches that were sent, once per protection group, not per copy.
  public var batches: Int
  /// Pages fetched from storage nodes by instances.
  public var pagesRead: Int
  /// Records that a segment got from a peer because they had not come from the writer.
  public var recordsFilledByGossip: Int
  /// Batches sent again because an acknowledgement did not come.
  public var retransmits: Int

  /// Nothing done yet.
  public init() {
    redoBytes = 0
    redoRecords = 0
    batches = 0
    pagesRead = 0
    recordsFilledByGossip = 0
    retransmits = 0
  }
}
