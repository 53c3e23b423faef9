public import Simulation

// What is counted of the instances that write and read a volume.

extension Meter.Kind {
  public static let miniTransactions = Self("mini_transactions", .count)
  public static let redoRecords = Self("redo_records", .count)
  /// Bytes of batches, each counted once, not for each copy.
  public static let redoBytes = Self("redo_bytes", .bytes)
  /// Batches put together; each goes to six copies.
  public static let redoBatches = Self("redo_batches", .count)
  /// I/Os that AWS would bill for writing: 4 KiB of log, or what was there when a batch left, once for all
  /// copies.
  ///
  /// Source: the AWS blog's "Planning I/O in Amazon Aurora": log records that wait at the same time and are
  /// shorter than 4 KB together are one I/O, longer ones are one for each 4 KB begun.
  public static let writeIOs = Self("write_ios", .count)
  /// I/Os that AWS would bill for reading: one for each page fetched from a storage node. Same source; there
  /// a page of Aurora PostgreSQL has 8 KB, here it has ``Page/size``.
  public static let readIOs = Self("read_ios", .count)
  /// Messages of the driver to storage nodes: batches to each copy, heartbeats, batches sent again.
  public static let storageMessages = Self("storage_messages", .count)
  /// Bytes of those messages.
  public static let storageBytesSent = Self("storage_bytes_sent", .bytes)
  /// Batches sent again to one copy because its acknowledgement had not come.
  public static let retransmissions = Self("retransmissions", .count)
  /// Reads sent to a second copy because the first one took long.
  public static let hedgedReads = Self("hedged_reads", .count)
  /// Answers to reads that were refusals, failures or damaged.
  public static let failedReads = Self("failed_reads", .count)
}

/// The meters of a driver's resource.
struct DriverMeters {
  let miniTransactions: Meter
  let records: Meter
  let bytes: Meter
  let batches: Meter
  let writeIOs: Meter
  let messages: Meter
  let bytesSent: Meter
  let retransmissions: Meter

  /// What an I/O of the log is counted by, in bytes.
  private static let writeUnit = 4096

  init(of process: Process) {
    miniTransactions = process.meter(.miniTransactions)
    records = process.meter(.redoRecords)
    bytes = process.meter(.redoBytes)
    batches = process.meter(.redoBatches)
    writeIOs = process.meter(.writeIOs)
    messages = process.meter(.storageMessages)
    bytesSent = process.meter(.storageBytesSent)
    retransmissions = process.meter(.retransmissions)
  }

  func noteBatch(of size: Int) {
    batches += 1
    bytes += size
    writeIOs += (size + Self.writeUnit - 1) / Self.writeUnit
  }
}
