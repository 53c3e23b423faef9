import Glibc
import Simulation

/// A connection to a server of this machine, through a socket in the file system.
final class SocketChannel: ByteChannel {
  struct Failure: Error {
    let call: String
    let number: Int32
  }

  private let descriptor: Int32

  init(path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8) + [0]
    precondition(bytes.count <= MemoryLayout.size(ofValue: address.sun_path), "\(path) is too long")
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else {
      let failure = Failure(call: "connect", number: errno)
      Glibc.close(descriptor)
      throw failure
    }
  }

  deinit { Glibc.close(descriptor) }

  func send(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      // A server that is gone is noticed when its answer is read.
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  func receive(within limit: Interval?) async throws -> [UInt8] {
    let milliseconds = limit.map { Int32(clamping: $0.nanoseconds / 1_000_000) } ?? -1
    var events = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&events, 1, milliseconds) > 0 else { throw TimedOut() }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    if count == 0 { throw ConnectionError.closed }
    guard count > 0 else { throw ConnectionError.reset }
    return Array(buffer[..<count])
  }

  func close() { shutdown(descriptor, Int32(SHUT_WR)) }
}
