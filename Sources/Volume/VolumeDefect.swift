public import Simulation

/// Mistakes of the volume.
public enum VolumeDefect: String, Defect {
  /// The driver takes a record for durable as soon as it is appended.
  case acknowledgesBeforeDurable = "volume.acknowledges_before_durable"
  /// Storage nodes acknowledge what their disks have only cached.
  case forgetsFlush = "volume.forgets_flush"
  /// A disk that came back blank is taken for that of a member that never held anything.
  case trustsBlankDisks = "volume.trusts_blank_disks"
  /// A storage node says that it is complete up to the batch that it got, whatever it lacks before.
  case acknowledgesPastHoles = "volume.acknowledges_past_holes"
  /// A batch that was damaged on its way is taken as it came.
  case trustsTheWire = "volume.trusts_the_wire"
  /// Peers are asked for nothing: what was missed stays missing.
  case neverGossips = "volume.never_gossips"
  /// The driver takes it for an acknowledgement that a copy refuses it because of a newer epoch.
  case ignoresFence = "volume.ignores_fence"
  /// A batch that nobody answers is not sent again.
  case neverSendsAgain = "volume.never_sends_again"
}
