import ControlPlane
import Database
import Simulation

/// The fault that a loss of the writer is put down to, and from when it is to blame.
///
/// A fault is a cause only from when it acted, see ``FaultResult/acted``, and never by having been asked for. Which of
/// those that had acted it was follows from how the writer was lost, since not everything can bring everything about:
///
/// | the writer | is put down to |
/// |---|---|
/// | lost its host | the fault that strikes this host; no other takes a host down |
/// | was to be replaced, as somebody asked | the call that the control plane took on at that instant |
/// | was to be replaced, since it had fallen silent | a fault that was on when the silence began; not one that began later, however near to the end of the writer, and no statement: what speaks is the host's agent |
/// | ended, hung or was fenced otherwise | a fault that had acted in this writer's time, and was on or had ended so lately that silence may be its last effect |
///
/// Among several, one that strikes the writer's host, or the control plane that does not hear it, comes before one that
/// strikes others, and then the latest. A plain
/// statement, which injects nothing, is named only where there is nothing else, and only until it is answered.
struct LossCause {
  /// The scenario's name for it.
  let fault: String
  /// When it acted, or when the writer was lost if it had acted before this writer's time.
  let instant: Instant

  /// - Returns: `nil` if no fault can have done it.
  init?(of writer: WriterSuccession.Opening, lost: Instant, in record: RunRecord) {
    let search = Search(writer: writer, lost: lost, record: record)
    guard let found = search.cause else { return nil }
    fault = found.fault.id
    instant =
      search.manner == .hostLost || found.acted < max(writer.instant, record.origin)
      ? lost : found.acted
  }

  private enum Manner: Equatable {
    case hostLost
    /// It was to be replaced, as somebody had asked then.
    case asked(Instant)
    /// It was to be replaced, having fallen silent then.
    case silent(since: Instant)
    case ended
  }

  /// A fault that has acted; in absolute time.
  private struct Suspect {
    let fault: FaultResult
    let acted: Instant
    let end: Instant
    /// Whether it strikes the writer's host.
    let strikes: Bool
    let action: Scenario.Fault.Action?
    /// Whether it is a statement that injected nothing.
    let isPlain: Bool

    var isCall: Bool { if case .call? = action { true } else { false } }
    /// Whether it can keep a host from being heard; what a statement has injected, which has no action of its own, cannot.
    var silences: Bool {
      switch action {
      case .statement?, .call?, nil: false
      default: true
      }
    }
    var strikesListener: Bool { fault.victims.contains(HostName.controlPlane) }
    /// Whether it asks something of the cluster and breaks nothing.
    var isAsked: Bool { isCall || isPlain }
    var isReboot: Bool {
      if case .call(let call)? = action, case .reboot = call.operation { true } else { false }
    }
    var rank: Int { isPlain ? 0 : strikes ? 2 : 1 }
  }

  private struct Search {
    let writer: WriterSuccession.Opening
    let lost: Instant
    let record: RunRecord
    let manner: Manner

    init(writer: WriterSuccession.Opening, lost: Instant, record: RunRecord) {
      (self.writer, self.lost, self.record) = (writer, lost, record)
      manner = Self.manner(ofTheLossOf: writer, at: lost, record)
    }

    var cause: Suspect? {
      switch manner {
      case .hostLost:
        return latest { $0.strikes && $0.acted <= lost && lost <= $0.end && !$0.isAsked }
      case .asked(let instant):
        return latest { $0.acted == instant && $0.isCall } ?? general
      case .silent(let since):
        let parameters = record.scenario.cluster.parameters
        // Until then a fault may have kept the first heartbeat away that is missing; half an interval for its way
        // is a guess, and generous.
        let next = since + parameters.heartbeatInterval * 3 / 2
        let isPossible = { (suspect: Suspect) in
          suspect.acted <= next && suspect.end >= since && suspect.silences
        }
        return latest { isPossible($0) && ($0.strikes || $0.strikesListener) }
          ?? latest(where: isPossible) ?? general
      case .ended: return general
      }
    }

    private var general: Suspect? {
      let patience = record.scenario.cluster.parameters.heartbeatTimeout
      let start = max(writer.instant, record.origin)
      return latest { suspect in
        guard suspect.acted <= lost else { return false }
        // What was accepted is brought about, however long it takes.
        let isPending = suspect.isReboot && suspect.strikes
        let lasts = suspect.isPlain ? suspect.end : suspect.end + patience
        guard isPending || lost <= lasts else { return false }
        return suspect.acted >= start || suspect.strikes && lost <= suspect.end
      }
    }

    private func latest(where isPossible: (Suspect) -> Bool) -> Suspect? {
      suspects.filter(isPossible).enumerated().max { left, right in
        left.element.rank != right.element.rank
          ? left.element.rank < right.element.rank
          : (left.element.acted, left.offset) < (right.element.acted, right.offset)
      }?.element
    }

    private var suspects: [Suspect] {
      record.faults.compactMap { fault in
        guard let acted = fault.acted.map(absolute) else { return nil }
        let action = record.scenario.faults.first { $0.id == fault.id }?.action
        let end = fault.end.map(absolute) ?? record.end
        var isPlain = false
        if case .statement? = action { isPlain = !injects(fault, at: acted) }
        return Suspect(
          fault: fault, acted: acted, end: max(acted, end),
          strikes: fault.victims.contains(writer.instance), action: action, isPlain: isPlain)
      }
    }

    private func injects(_ fault: FaultResult, at instant: Instant) -> Bool {
      record.events.contains { event in
        guard event.instant == instant else { return false }
        return switch event.payload {
        case let event as EngineCrashInjected: fault.victims.contains(event.instance)
        case let event as FaultInjected: fault.victims.contains(event.instance)
        default: false
        }
      }
    }

    private func absolute(_ instant: Instant) -> Instant { record.origin + instant.sinceStart }

    // MARK: How it was lost

    private static func manner(
      ofTheLossOf writer: WriterSuccession.Opening, at lost: Instant, _ record: RunRecord
    ) -> Manner {
      var isReplaced = false
      for event in record.events where event.instant == lost {
        switch event.payload {
        case let event as HostWentDown where event.host == writer.instance: return .hostLost
        case let event as EngineDemoted where event.instance == writer.instance: isReplaced = true
        case let event as EngineFenced where event.instance == writer.instance: isReplaced = true
        case let event as InstanceSuspected where event.instance == writer.instance:
          isReplaced = true
        case let event as EngineStateChanged:
          let isItself = event.instance == writer.instance
          let isSuccessor = event.role == .writer && event.state == .available && !isItself
          if isSuccessor || isItself && event.state == .fenced { isReplaced = true }
        default: break
        }
      }
      let decision =
        isReplaced ? decision(against: writer.instance, until: lost, record.events) : nil
      return decision ?? .ended
    }

    /// Why the control plane wanted another writer; `nil` if it did not.
    private static func decision(
      against writer: String, until lost: Instant, _ events: [TraceEvent]
    ) -> Manner? {
      var (silentSince, decision): (Instant?, Manner?)
      for event in events {
        if event.instant > lost { break }
        switch event.payload {
        case let event as InstanceSuspected where event.instance == writer:
          silentSince = event.reason == .silent ? event.since : nil
        case let event as SuspicionCleared where event.instance == writer: silentSince = nil
        case let started as FailoverStarted where started.writer == writer:
          // It is carried through, although the writer may be heard again.
          decision = started.isPlanned ? .asked(event.instant) : silentSince.map(Manner.silent)
        case let event as InstancePromoted where event.instance == writer:
          (silentSince, decision) = (nil, nil)
        case let event as WriterReturned where event.instance == writer:
          (silentSince, decision) = (nil, nil)
        default: break
        }
      }
      return decision ?? silentSince.map(Manner.silent)
    }
  }
}
