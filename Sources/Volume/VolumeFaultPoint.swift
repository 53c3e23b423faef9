public import Simulation

/// Places at which the volume can be made to take a rare way; see ``FaultPoints``.
public enum VolumeFaultPoint: String, FaultPoint {
  /// A storage node loses a batch of redo that has reached it.
  case batchIsLost = "volume.batch_is_lost"
  /// The driver sends a batch of which more could have been gathered.
  case batchLeavesEarly = "volume.batch_leaves_early"
  /// The driver sends a batch to a storage node twice.
  case batchIsSentTwice = "volume.batch_is_sent_twice"
  /// A page is asked of a second copy without waiting for the first.
  case readIsHedgedAtOnce = "volume.read_is_hedged_at_once"
}
