import DequeModule

/// How much of the log is on its way to the copies, and how much may be: what keeps a burst from filling the hot logs.
///
/// ```
///   append ─▶ buffers ─▶ [ queue ] ─▶ sent ─▶ durable
///             └───────── backlog ──────────┘
///   backlog   0 ······ 1/8 ·········· 1/4 ·············· 1/2 ·············· of a hot log's share
///                       │              │                  └ sent: batches wait in the queue
///                       │              └ sent: batches begin to go in the order of the log; small work waits
///                       └ large work waits (crowded)
/// ```
///
/// Space in a hot log becomes free only behind the VDL, and the VDL waits for the lowest record that any group lacks.
/// If one group's records could fill the hot logs while another's lower ones had not been sent, nothing would ever
/// become durable again. So what is sent ahead of the VDL is limited, and once it is a quarter of a hot log's share,
/// batches leave in the order of the log: each *cut* takes all buffers at the end of one mini-transaction, and no batch
/// leaves before those of an earlier cut. A cut whose predecessors are complete may always leave.
///
/// All bytes are counted for the volume, as if they fell on one hot log: that is more than any hot log gets.
/// The fractions are guesses; the order between them is what matters.
struct LogFlow {
  /// A batch that waits for its turn.
  struct Queued {
    let group: Int
    let bytes: [UInt8]
    let last: LSN
    /// The record before the first of its cut.
    let floor: LSN
  }

  /// Bytes that have been appended and are not durable.
  private(set) var backlog = 0
  /// The part of it that has been sent.
  private(set) var sent = 0
  var queue = Deque<Queued>()
  private var pieces = Deque<(last: LSN, bytes: Int)>()

  /// Bytes that writers may fill of a hot log: the least that any copy has told, or ``assumedShare``.
  private(set) var share = assumedShare
  private var isShareKnown = false
  private var isTight: [[Bool]]
  /// Groups of which no write quorum has room to spare in its hot logs.
  private(set) var tightGroupCount = 0
  private let quorum: Quorum
  /// The most copies that one node holds.
  private let copiesPerNode: Int

  /// Until a copy has told: less than any node has, in bytes.
  private static let assumedShare = 64 * 1024

  init(_ geometry: VolumeGeometry) {
    quorum = geometry.quorum
    isTight = geometry.members.map { Array(repeating: false, count: $0.count) }
    let nodes = geometry.members.joined().sorted()
    var (most, count) = (1, 0)
    for (index, node) in nodes.enumerated() {
      count = index > 0 && nodes[index - 1] == node ? count + 1 : 1
      most = max(most, count)
    }
    copiesPerNode = most
  }

  // MARK: How much may be under way

  /// Whether work that appends much had better wait.
  var isCrowded: Bool { backlog > share / 8 || tightGroupCount > 0 }

  /// Whether all work had better wait.
  var isFull: Bool { backlog > share / 4 }

  /// Whether a batch may leave although other groups' buffers may hold lower records.
  func isFree(for bytes: Int) -> Bool { queue.isEmpty && sent + bytes <= share / 4 }

  /// Whether the first batch of the queue may leave.
  ///
  /// - Parameter complete: everything up to there has met its write quorum.
  func admits(_ batch: Queued, complete: LSN) -> Bool {
    sent + batch.bytes.count <= share / 2 || complete >= batch.floor
  }

  /// A buffer that has grown to so many bytes is sent: the buffers of one node's groups are a small part of its
  /// hot log together.
  func largestBatch(of tuning: VolumeTuning) -> Int {
    min(tuning.largestBatch, max(256, share / 8 / copiesPerNode))
  }

  // MARK: What happens to the log

  mutating func noteAppended(_ bytes: Int) { backlog += bytes }

  mutating func noteSealed() { backlog += BatchHeader.size }

  mutating func noteSent(_ bytes: Int, last: LSN) {
    sent += bytes
    pieces.append((last, bytes))
  }

  /// Notes a new durable LSN. A piece that was sent before one that is not durable yet counts on with it.
  mutating func noteDurable(_ lsn: LSN) {
    while let piece = pieces.first, piece.last <= lsn {
      sent -= piece.bytes
      backlog -= piece.bytes
      pieces.removeFirst()
    }
  }

  /// Notes what a copy has told of its hot log.
  mutating func note(_ use: HotLogUse, copy: Int, of group: Int) {
    share = isShareKnown ? min(share, Int(use.share)) : Int(use.share)
    isShareKnown = true
    guard isTight[group][copy] != use.isTight else { return }
    let wasTight = lacksRoom(group)
    isTight[group][copy] = use.isTight
    tightGroupCount += (lacksRoom(group) ? 1 : 0) - (wasTight ? 1 : 0)
  }

  private func lacksRoom(_ group: Int) -> Bool {
    isTight[group].count { !$0 } < quorum.write
  }
}
