/// One message without a connection: it arrives once, or not at all, in no particular order.
public struct Datagram {
  public let source: Address
  public let destination: Address
  public let payload: [UInt8]
}

/// What a process binds to a port in order to receive datagrams.
public protocol DatagramHandler: AnyObject {
  func receive(_ datagram: Datagram)
}

/// What a process binds to a port in order to accept connections.
public protocol ConnectionAcceptor: AnyObject {
  /// Takes over a connection that a client has just opened.
  func accept(_ connection: Connection)
}

/// Who holds a port of a host.
struct PortBinding {
  enum Receiver {
    case datagrams(any DatagramHandler)
    case connections(any ConnectionAcceptor)
  }
  let process: Process
  let receiver: Receiver
}

extension Process {
  /// Receives the datagrams sent to a port of this host, until the process ends.
  ///
  /// - Precondition: the port is free.
  public func bind(_ port: UInt16, to handler: any DatagramHandler) {
    claim(port, .datagrams(handler))
  }

  /// Accepts the connections made to a port of this host, until the process ends.
  ///
  /// - Precondition: the port is free.
  public func listen(on port: UInt16, _ acceptor: any ConnectionAcceptor) {
    claim(port, .connections(acceptor))
  }

  /// Gives a port back before the process ends: new connections to it are refused.
  public func unbind(_ port: UInt16) {
    guard host.ports[port]?.process === self else { return }
    host.ports.removeValue(forKey: port)
    boundPorts.removeAll { $0 == port }
  }

  /// Sends a datagram; nothing happens if the process has ended.
  public func send(_ payload: [UInt8], from port: UInt16, to destination: Address) {
    guard isAlive else { return }
    simulation.network.send(
      Datagram(
        source: Address(host: host.id, port: port), destination: destination, payload: payload))
  }

  /// A port that nobody on this host uses.
  public func ephemeralPort() -> UInt16 {
    repeat {
      host.nextEphemeralPort =
        host.nextEphemeralPort == 65_535 ? 32_768 : host.nextEphemeralPort + 1
    } while host.ports[host.nextEphemeralPort] != nil
    return host.nextEphemeralPort
  }

  private func claim(_ port: UInt16, _ receiver: PortBinding.Receiver) {
    guard isAlive else { return }
    precondition(host.ports[port] == nil, "port \(port) of \(host.name) is taken")
    host.ports[port] = PortBinding(process: self, receiver: receiver)
    boundPorts.append(port)
  }
}
