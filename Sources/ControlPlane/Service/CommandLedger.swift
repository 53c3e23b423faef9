import Simulation

/// The commands that have not been acknowledged, one at a time for each instance.
///
/// Agents ignore what is older than the newest command they know, so that a second command must not
/// overtake the first. A role that has been superseded is never sent again.
struct CommandLedger: Sendable {
  private struct Queue: Sendable {
    let instance: String
    var commands: [Command] = []
    var sentAt = Instant.start
  }

  private let retryInterval: Interval
  private var queues: [Queue]
  private var lastSequence: UInt64

  /// - Parameter sequence: the last one that may have been used before.
  init(instances: [String], after sequence: UInt64, retryInterval: Interval) {
    queues = instances.map { Queue(instance: $0) }
    lastSequence = sequence
    self.retryInterval = retryInterval
  }

  /// Enters an order; nothing happens if the same is under way.
  ///
  /// - Returns: the command to send now, if it is its turn.
  mutating func issue(
    _ order: Command.Order, to instance: String, incarnation: UInt32, term: UInt64, at now: Instant
  ) -> Command? {
    guard let index = queues.firstIndex(where: { $0.instance == instance }) else { return nil }
    let isSame = queues[index].commands.contains {
      $0.order == order && $0.term == term && $0.incarnation == incarnation
    }
    if isSame { return nil }
    if order.role != nil { queues[index].commands.removeAll { $0.order.role != nil } }
    lastSequence += 1
    queues[index].commands.append(
      Command(
        instance: instance, incarnation: incarnation, term: term, sequence: lastSequence,
        order: order))
    paranoid(
      queues[index].commands.count { $0.order.role != nil } <= 1
        && zip(queues[index].commands, queues[index].commands.dropFirst())
          .allSatisfy { $0.sequence < $1.sequence },
      "commands to \(instance) are out of order, or give it two roles")
    guard queues[index].commands.count == 1 else { return nil }
    return send(index, at: now)
  }

  /// Takes note of what an agent has carried out, and of which run of it there is.
  ///
  /// If that is newer than anything known here, this control plane has lost its memory: it goes on from
  /// there, or nothing that it says would be obeyed.
  ///
  /// - Returns: the command to send now, if it is the next one's turn.
  mutating func acknowledge(
    _ sequence: UInt64, by instance: String, incarnation: UInt32, at now: Instant
  ) -> Command? {
    guard let index = queues.firstIndex(where: { $0.instance == instance }) else { return nil }
    lastSequence = max(lastSequence, sequence)
    let before = queues[index].commands.first
    queues[index].commands.removeAll {
      $0.incarnation != incarnation || $0.sequence <= sequence
    }
    guard let next = queues[index].commands.first, next != before else { return nil }
    return send(index, at: now)
  }

  /// The commands to send again.
  mutating func tick(at now: Instant) -> [Command] {
    var due: [Command] = []
    for index in queues.indices where !queues[index].commands.isEmpty {
      guard now >= queues[index].sentAt + retryInterval else { continue }
      if let command = send(index, at: now) { due.append(command) }
    }
    return due
  }

  var deadline: Instant {
    var earliest = Instant.distantFuture
    for queue in queues where !queue.commands.isEmpty {
      earliest = min(earliest, queue.sentAt + retryInterval)
    }
    return earliest
  }

  private mutating func send(_ index: Int, at now: Instant) -> Command? {
    queues[index].sentAt = now
    return queues[index].commands.first
  }
}
