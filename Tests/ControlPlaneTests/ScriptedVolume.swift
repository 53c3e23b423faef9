import Simulation

/// A cluster volume reduced to what fences: whoever opens it last may write, all others are refused.
///
/// It lives on a host of its own and speaks datagrams, so that a partition cuts an engine off from it.
/// A request and its answer are a kind, an epoch and a number.
final class ScriptedVolume: DatagramHandler {
  static let port: UInt16 = 7000
  static let open: UInt8 = 1
  static let write: UInt8 = 2
  static let accepted: UInt8 = 3
  static let refused: UInt8 = 4

  private(set) var epoch: UInt32 = 0
  private(set) var writes: [UInt32] = []
  private let process: Process

  init(on host: Host) {
    process = host.start("volume")
    process.bind(Self.port, to: self)
  }

  var address: Address { Address(host: process.host.id, port: Self.port) }

  func receive(_ datagram: Datagram) {
    guard let message = VolumeMessage(datagram.payload) else { return }
    var answer = message
    switch message.kind {
    case Self.open:
      epoch += 1
      answer = VolumeMessage(kind: Self.accepted, epoch: epoch, number: message.number)
    case Self.write where message.epoch == epoch:
      writes.append(epoch)
      answer.kind = Self.accepted
    default: answer.kind = Self.refused
    }
    process.send(answer.bytes, from: Self.port, to: datagram.source)
  }
}

struct VolumeMessage: Equatable {
  var kind: UInt8
  var epoch: UInt32
  var number: UInt32

  init(kind: UInt8, epoch: UInt32, number: UInt32) {
    (self.kind, self.epoch, self.number) = (kind, epoch, number)
  }

  init?(_ bytes: [UInt8]) {
    let read = bytes.withUnsafeBytes { buffer -> VolumeMessage? in
      var reader = ByteReader(buffer)
      guard let kind = try? reader.readUInt8(), let epoch = try? reader.readUInt32(),
        let number = try? reader.readUInt32()
      else { return nil }
      return VolumeMessage(kind: kind, epoch: epoch, number: number)
    }
    guard let read else { return nil }
    self = read
  }

  var bytes: [UInt8] {
    var writer = ByteWriter(capacity: 9)
    writer.append(kind)
    writer.append(epoch)
    writer.append(number)
    return writer.take()
  }
}
