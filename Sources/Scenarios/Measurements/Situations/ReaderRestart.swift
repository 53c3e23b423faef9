import Simulation

extension Scenario.Situation {
  /// A reader's process ends and comes back as a reader.
  public static let readerRestart = Self(
    "reader_restart",
    impossibility: { $0.cluster.readers.isEmpty ? "the cluster has no reader" : nil },
    sightings: { measurement in measurement.histories.flatMap(measurement.readerRestarts) })
}

extension Measurement {
  /// A reader that was down since the origin and is open as a reader again.
  fileprivate func readerRestarts(in history: InstanceHistory) -> [Sighting] {
    var restarts: [Sighting] = []
    var wasReader = false
    var wasDown = false
    for change in history.changes {
      switch change.role {
      case .reader:
        if wasReader, wasDown {
          restarts.append(
            Sighting(
              instant: change.instant, text: "\(history.instance) came back as a reader"))
        }
        (wasReader, wasDown) = (true, false)
      case .writer: (wasReader, wasDown) = (false, false)
      case .down: if change.instant >= record.origin { wasDown = true }
      case .starting: break
      }
    }
    return restarts
  }
}
