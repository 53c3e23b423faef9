import Simulation

/// The engine's end of the local probe: answers on a port of the loopback, and speaks up by itself when
/// something changes.
///
/// It lives in the engine's process: a crash silences it, and a hanging engine does not answer.
final class EngineHealthPort: DatagramHandler {
  private unowned let engine: any Engine
  private let process: Process
  private let cluster: String

  /// - Precondition: `process` is alive and is the engine's.
  private init(engine: any Engine, process: Process, cluster: String) {
    (self.engine, self.process, self.cluster) = (engine, process, cluster)
  }

  /// Opens the port in the engine's process, in place of one that an earlier run of the agent opened.
  ///
  /// - Precondition: `process` is alive and is the engine's.
  static func open(for engine: any Engine, in process: Process, cluster: String) {
    process.unbind(Ports.engineHealth)
    let port = EngineHealthPort(engine: engine, process: process, cluster: cluster)
    process.bind(Ports.engineHealth, to: port)
    // The port outlives the agent: an agent that starts again hears of changes as before.
    engine.onChange = { [weak port] in port?.report(answering: 0) }
  }

  func receive(_ datagram: Datagram) {
    guard case .probe(let number) = ControlMessage(decoding: datagram.payload, of: cluster) else {
      return
    }
    report(answering: number)
  }

  private func report(answering probe: UInt64) {
    guard process.isAlive, let status = engine.status else { return }
    let message = ControlMessage.status(
      EngineReport(process: UInt32(process.incarnation), probe: probe, status: status))
    process.send(
      message.encoded(for: cluster), from: Ports.engineHealth,
      to: Address(host: process.host.id, port: Ports.hostAgent))
  }
}
