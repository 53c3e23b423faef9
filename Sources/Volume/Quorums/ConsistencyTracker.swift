import DequeModule
import Simulation

/// Finds the Volume Durable LSN: the highest consistency point at or below the VCL.
///
/// Source: Verbitski et al., SIGMOD 2017, §4.1.
public struct ConsistencyTracker: Sendable {
  /// The ends of mini-transactions that are not durable yet.
  private var consistencyPoints = Deque<LSN>()
  public private(set) var volumeDurableLSN: LSN

  public init(durableThrough lsn: LSN = .zero) { volumeDurableLSN = lsn }

  /// Notes the end of a mini-transaction.
  public mutating func note(_ consistencyPoint: LSN) {
    paranoid(
      consistencyPoint > consistencyPoints.last ?? volumeDurableLSN,
      "consistency point \(consistencyPoint) comes out of order")
    consistencyPoints.append(consistencyPoint)
  }

  /// - Returns: whether the VDL advanced.
  /// - Complexity: amortised O(1) per consistency point.
  @discardableResult
  public mutating func advance(to volumeCompleteLSN: LSN) -> Bool {
    let before = volumeDurableLSN
    while let next = consistencyPoints.first, next <= volumeCompleteLSN {
      volumeDurableLSN = next
      consistencyPoints.removeFirst()
    }
    paranoid(
      volumeDurableLSN >= before && volumeDurableLSN <= max(before, volumeCompleteLSN),
      "VDL \(volumeDurableLSN) is beyond VCL \(volumeCompleteLSN), or went back from \(before)")
    return volumeDurableLSN > before
  }
}
