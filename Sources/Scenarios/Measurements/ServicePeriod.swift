import ControlPlane
import Simulation
import Volume

/// The part of an interruption in which no client could commit, whatever it did: from its cause until a new writer is
/// open and the name of the cluster endpoint stands for it.
///
/// For a restart in place, `detect` ends when the instance's agent notices, `elect` when it has the engine started
/// again, and there is no name to move. Fencing is done by the volume when the new writer opens it.
struct ServicePeriod {
  /// A stretch of time in one phase.
  struct Stretch {
    let phase: Waterfall.Phase
    let start: Instant
    let end: Instant
  }

  /// In order of time, without a gap. What was never seen to end goes on to the end of the run.
  let stretches: [Stretch]
  /// When the name stood for the new writer; `nil` if it never did, or nobody followed, or the writer came back
  /// in place.
  let moved: Instant?
  let start: Instant
  let end: Instant

  /// - Parameter client: its own name server may have the new name before all have.
  init(
    of interruption: WriterSuccession.Interruption, for client: String, in measurement: Measurement
  ) {
    let record = measurement.record
    let opening = interruption.opening.map { measurement.succession.openings[$0] }
    let isRestart = interruption.kind == .restart
    let period = interruption.cause...max(interruption.cause, opening?.instant ?? record.end)
    func first(where isMeant: (any TracePayload) -> Bool) -> Instant? {
      record.events.first { period.contains($0.instant) && isMeant($0.payload) }?.instant
    }
    func last(where isMeant: (any TracePayload) -> Bool) -> Instant? {
      record.events.last { period.contains($0.instant) && isMeant($0.payload) }?.instant
    }
    let detected =
      isRestart
      ? first { Self.tells($0, ofTheLossOf: interruption.oldWriter) } : interruption.suspected
    let told = opening.flatMap { opening in
      last {
        isRestart
          ? ($0 as? EngineStarted)?.instance == opening.instance
          : ($0 as? PromotionSent)?.instance == opening.instance
      }
    }
    let recovered = opening.flatMap { opening in
      last { ($0 as? VolumeRecovered)?.host == opening.instance }
    }
    var marks: [(phase: Waterfall.Phase, end: Instant?)] = [
      (.detect, detected), (.elect, told), (.fenceAndRecover, recovered), (.open, opening?.instant),
    ]
    if !isRestart, let opening {
      moved = Self.move(to: opening, after: interruption.lost, for: client, in: measurement)
      marks.append((.nameMoved, moved))
    } else {
      moved = nil
    }
    var stretches: [Stretch] = []
    var reached = interruption.cause
    let lastSeen = marks.lastIndex { $0.end != nil } ?? -1
    for (place, mark) in marks.enumerated() where place <= lastSeen + 1 {
      let end = max(reached, place > lastSeen ? record.end : mark.end ?? reached)
      stretches.append(Stretch(phase: mark.phase, start: reached, end: end))
      reached = end
    }
    (self.stretches, start, end) = (stretches, interruption.cause, reached)
  }

  private static func move(
    to writer: WriterSuccession.Opening, after lost: Instant, for client: String,
    in measurement: Measurement
  ) -> Instant? {
    measurement.record.events.first { event in
      guard event.instant >= lost else { return false }
      switch event.payload {
      case let event as ZonePublished: return event.writer == writer.instance
      case let event as ClientResolved:
        return event.host == client && event.instance == writer.instance
      default: return false
      }
    }?.instant
  }

  private static func tells(_ event: any TracePayload, ofTheLossOf writer: String) -> Bool {
    switch event {
    case let event as EngineCrashed: event.instance == writer
    case let event as EngineHung: event.instance == writer
    case let event as EngineFenced: event.instance == writer
    case let event as InstanceSuspected: event.instance == writer
    default: false
    }
  }
}
