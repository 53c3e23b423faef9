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

/// Who holds a port of a host: it takes datagrams, or accepts connections.
final class PortBinding {
  let process: Process
  let datagrams: (any DatagramHandler)?
  let acceptor: (any ConnectionAcceptor)?

  init(
    process: Process, datagrams: (any DatagramHandler)? = nil,
    acceptor: (any ConnectionAcceptor)? = nil
  ) {
    (self.process, self.datagrams, self.acceptor) = (process, datagrams, acceptor)
  }
}

/// The ports of a host that somebody holds: a few.
struct PortTable {
  private var numbers: ContiguousArray<UInt16> = []
  private var bindings: ContiguousArray<PortBinding> = []

  @inline(__always)
  subscript(port: UInt16) -> PortBinding? { place(of: port).map { bindings[$0] } }

  mutating func claim(_ port: UInt16, _ binding: PortBinding) {
    numbers.append(port)
    bindings.append(binding)
  }

  mutating func release(_ port: UInt16) {
    guard let place = place(of: port) else { return }
    numbers.remove(at: place)
    bindings.remove(at: place)
  }

  mutating func removeAll() {
    numbers.removeAll()
    bindings.removeAll()
  }

  @inline(__always)
  private func place(of port: UInt16) -> Int? {
    for place in numbers.indices where numbers[place] == port { return place }
    return nil
  }
}

extension Process {
  /// Receives the datagrams sent to a port of this host, until the process ends.
  ///
  /// - Precondition: the port is free.
  public func bind(_ port: UInt16, to handler: any DatagramHandler) {
    claim(port, PortBinding(process: self, datagrams: handler))
  }

  /// Accepts the connections made to a port of this host, until the process ends.
  ///
  /// - Precondition: the port is free.
  public func listen(on port: UInt16, _ acceptor: any ConnectionAcceptor) {
    claim(port, PortBinding(process: self, acceptor: acceptor))
  }

  /// Gives a port back before the process ends: new connections to it are refused.
  public func unbind(_ port: UInt16) {
    guard host.ports[port]?.process === self else { return }
    host.ports.release(port)
    boundPorts.removeAll { $0 == port }
  }

  /// Sends a datagram; nothing happens if the process has ended.
  public func send(_ payload: [UInt8], from port: UInt16, to destination: Address) {
    guard isAlive else { return }
    host.network.send(
      Datagram(
        source: Address(host: host.id, port: port), destination: destination, payload: payload),
      from: host)
  }

  /// Whether a datagram of so many bytes would find room in its socket's send buffer; what finds none is lost.
  public func canSend(_ bytes: Int, from port: UInt16, to destination: Address) -> Bool {
    host.network.hasRoom(
      for: bytes, from: Address(host: host.id, port: port), to: destination)
  }

  /// A port that nobody on this host uses.
  public func ephemeralPort() -> UInt16 {
    repeat {
      host.nextEphemeralPort =
        host.nextEphemeralPort == 65_535 ? 32_768 : host.nextEphemeralPort + 1
    } while host.ports[host.nextEphemeralPort] != nil
    return host.nextEphemeralPort
  }

  private func claim(_ port: UInt16, _ binding: PortBinding) {
    guard isAlive else { return }
    precondition(host.ports[port] == nil, "port \(port) of \(host.name) is taken")
    host.ports.claim(port, binding)
    boundPorts.append(port)
  }
}
