import Database
import Simulation
import Volume

extension Scenario.Situation {
  /// A writer that is open, and alive, learns that another one has opened the volume.
  public static let writerFenced = Self(
    "writer_fenced",
    impossibility: {
      $0.cluster.readers.isEmpty ? "the cluster has no reader that could fence the writer" : nil
    },
    sightings: { measurement in
      let openings = measurement.record.events.all(EngineStateChanged.self).filter {
        $0.payload.role == .writer && $0.payload.state == .available
      }
      return measurement.record.events.all(WriterFenced.self).compactMap { instant, fenced in
        let wasOpen = openings.contains {
          $0.payload.instance == fenced.host && $0.payload.epoch == fenced.epoch.number
            && $0.instant <= instant
        }
        return wasOpen
          ? Sighting(instant: instant, text: "\(fenced.host) found itself fenced") : nil
      }
    })
}
