import ControlPlane
import Simulation

/// Who was the writer when, and what lay between one writer and the next.
///
/// A writer begins with its engine's opening the volume under a new epoch. An *interruption* lies between
/// two openings, or between the last one and the end of the run if the writer was lost and nobody
/// followed.
struct WriterSuccession {
  /// An engine has opened as the writer.
  struct Opening {
    /// The place of the instance in the cluster.
    let index: Int
    let instance: String
    let instant: Instant
    /// The place of its event in the trace.
    let place: Int
    /// The place of the opening among the changes of the instance.
    fileprivate var change: Int
    fileprivate let epoch: UInt32?
  }

  struct Interruption {
    let kind: FailoverResult.Kind
    let oldWriter: String
    /// When it stopped being open as the writer, or, if it never noticed, when it was taken for dead.
    let lost: Instant
    /// When its process or host ended; `nil` if it lived until it was replaced.
    let died: Instant?
    /// When the control plane took it for dead, for good.
    let suspected: Instant?
    /// From which clients were without a writer: when the fault acted, or the loss without one.
    let cause: Instant
    let fault: String?
    /// The place of the opening that ended it among ``openings``; `nil` if none did.
    let opening: Int?
  }

  /// In order of time; those before the origin are of loading.
  private(set) var openings: [Opening] = []
  /// In order of time, after the origin.
  private(set) var interruptions: [Interruption] = []

  /// - Parameter histories: of all instances, in the order of the cluster.
  init(of record: RunRecord, histories: [InstanceHistory]) {
    for (index, history) in histories.enumerated() {
      for (place, change) in history.changes.enumerated()
      where change.role == .writer && change.instant < record.end {
        openings.append(
          Opening(
            index: index, instance: history.instance, instant: change.instant,
            place: change.place, change: place, epoch: change.epoch))
      }
    }
    openings = Self.distinct(openings.sorted { $0.place < $1.place })
    for number in openings.indices {
      let next = number + 1 < openings.count ? number + 1 : nil
      if let next, openings[next].instant < record.origin { continue }
      let found = interruption(
        of: openings[number], history: histories[openings[number].index], next: next,
        record: record)
      if let found { interruptions.append(found) }
    }
  }

  /// The writer that is in charge at `instant`: the one that opened last.
  func writer(at instant: Instant) -> Opening? { openings.last { $0.instant <= instant } }

  /// Without those under the epoch of the one before, which only go on.
  private static func distinct(_ openings: [Opening]) -> [Opening] {
    var distinct: [Opening] = []
    for opening in openings {
      if let last = distinct.last, let epoch = opening.epoch, last.epoch == epoch,
        last.instance == opening.instance
      {
        distinct[distinct.count - 1].change = opening.change
      } else {
        distinct.append(opening)
      }
    }
    return distinct
  }

  private func interruption(
    of writer: Opening, history: InstanceHistory, next: Int?, record: RunRecord
  ) -> Interruption? {
    let opening = next.map { openings[$0] }
    let end = opening?.instant ?? record.end
    let departure = history.change(after: writer.change, by: end)
    let suspected = Self.suspicion(of: writer, until: end, record)
    guard let lost = [departure?.instant, suspected, opening?.instant].compactMap(\.self).min()
    else { return nil }
    let died = history.changes[(writer.change + 1)...]
      .first { $0.role == .down && $0.instant <= end }?.instant
    let cause = LossCause(of: writer, lost: lost, in: record)
    let kind: FailoverResult.Kind
    if let opening {
      kind = opening.instance == writer.instance ? .restart : .failover
    } else {
      kind = suspected == nil ? .restart : .failover
    }
    return Interruption(
      kind: kind, oldWriter: writer.instance, lost: lost, died: died, suspected: suspected,
      cause: cause?.instant ?? lost, fault: cause?.fault, opening: next)
  }

  /// When the control plane last took the writer for dead without taking it back.
  private static func suspicion(
    of writer: Opening, until end: Instant, _ record: RunRecord
  ) -> Instant? {
    var suspected: Instant?
    for event in record.events[(writer.place + 1)...] {
      if event.instant > end { break }
      guard let told = event.payload as? any InstanceControlEvent,
        told.instance == writer.instance
      else { continue }
      if told is InstanceSuspected { suspected = event.instant }
      if told is SuspicionCleared { suspected = nil }
    }
    return suspected
  }
}
