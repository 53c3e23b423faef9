import Simulation

/// The engine's end of the loopback to its host's agent: it does what the agent's probes say, answers them,
/// and speaks up by itself when something changes.
///
/// It lives in the engine's process, and nothing but messages passes through it: an engine that has crashed
/// is silent, one that hangs neither answers nor obeys, and one that is paused does so when it goes on.
final class EngineControlPort: DatagramHandler {
  private unowned let engine: any Engine
  private let process: Process
  private let cluster: String
  /// The newest probe: what an older one says no longer counts.
  private var newest = EngineProbe(agent: 0, number: 0)
  /// The capacity that the engine goes by, if it was told one.
  private var capacity: ServerlessCapacity?

  private init(engine: any Engine, process: Process, cluster: String) {
    (self.engine, self.process, self.cluster) = (engine, process, cluster)
  }

  /// Makes the port part of the installed engine: every process of it opens one as it starts.
  static func install(in engine: any Engine, cluster: String) {
    engine.onStart = { [unowned engine] process in
      let port = EngineControlPort(engine: engine, process: process, cluster: cluster)
      process.bind(Ports.engineControl, to: port)
      engine.onChange = { [weak port] in port?.report(answering: 0) }
    }
  }

  func receive(_ datagram: Datagram) {
    guard case .probe(let probe) = ControlMessage(decoding: datagram.payload, of: cluster),
      datagram.source.host == process.host.id, let status = engine.status
    else { return }
    if (probe.agent, probe.number) > (newest.agent, newest.number) {
      newest = probe
      obey(probe, as: status.role)
    }
    report(answering: probe.number)
  }

  /// Every probe says what the engine is to be, so that whatever it says again changes nothing. A writer
  /// becomes a reader only by a restart, which is not the engine's affair.
  private func obey(_ probe: EngineProbe, as role: EngineRole.Kind) {
    if let newCapacity = probe.capacity, newCapacity != capacity {
      capacity = newCapacity
      engine.resize(to: newCapacity)
    }
    switch probe.role {
    case .writer where role == .reader: engine.promote()
    case .reader(let writer) where role == .reader: engine.follow(writer)
    default: break
    }
  }

  private func report(answering probe: UInt64) {
    guard process.isAlive, let status = engine.status else { return }
    let message = ControlMessage.status(
      EngineReport(
        process: UInt32(process.incarnation), probe: probe, status: status, capacity: capacity))
    process.send(
      message.encoded(for: cluster), from: Ports.engineControl,
      to: Address(host: process.host.id, port: Ports.hostAgent))
  }
}
