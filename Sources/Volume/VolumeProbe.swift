public import Simulation

/// Rare situations of the volume.
public enum VolumeProbe: String, Probe {
  case batchSentAgain = "volume.batch_sent_again"
  case logWasQueued = "volume.log_was_queued"
  case writerWaitedForRoom = "volume.writer_waited_for_room"
  case batchRefused = "volume.batch_refused_for_space"
  case staleEpochRefused = "volume.stale_epoch_refused"
  case holeFilledByGossip = "volume.hole_filled_by_gossip"
  case filledByPages = "volume.copy_filled_by_pages"
  case damagedPage = "volume.damaged_page_found"
  case diskOperationFailed = "volume.disk_operation_failed"
  case recordsTruncated = "volume.records_truncated_by_recovery"
  case readHedged = "volume.read_hedged"
  case writerFenced = "volume.writer_fenced"
  case noCopyCouldAnswer = "volume.no_copy_could_answer"
}
