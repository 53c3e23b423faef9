/// Why the volume did not do what was asked.
public enum VolumeError: Error, Equatable, Sendable {
  /// Somebody has opened the volume under this newer epoch: who asked may write no more.
  case fenced(by: VolumeEpoch)
  /// No copy can show the page as it was at the read point any more.
  case readPointTooOld(LSN)
  /// The process that asked is no more.
  case processEnded

  public var isFenced: Bool {
    if case .fenced = self { true } else { false }
  }
}

extension VolumeError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .fenced(let epoch): "the volume was opened under epoch \(epoch.number) by another"
    case .readPointTooOld(let lsn): "the pages of LSN \(lsn) have been replaced by newer ones"
    case .processEnded: "the process has ended"
    }
  }
}
