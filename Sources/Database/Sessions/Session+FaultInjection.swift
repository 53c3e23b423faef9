import SQL
import Simulation

/// Aurora's fault-injection functions: their arguments are checked, and the instance does the rest.
///
/// The guide documents the arguments, their units and bounds, and that an index out of range is answered with the
/// highest one; the wording of the errors is ours. There are no roles here: every user may do what
/// `rds_superuser` may.
extension Session {
  /// - Returns: `nil` if it is no function of this kind.
  func injectFault(_ function: String, _ arguments: [Value]) throws(SQLError) -> Value? {
    let inject: ([Value]) throws(SQLError) -> String
    switch function {
    case "aurora_inject_crash": inject = injectCrash
    case "aurora_inject_replica_failure": inject = injectReplicaFailure
    case "aurora_inject_disk_failure": inject = injectDiskFailure
    case "aurora_inject_disk_congestion": inject = injectDiskCongestion
    default: return nil
    }
    // They are strict: an argument that is null makes the result null, and nothing happens.
    if arguments.contains(.null) { return .null }
    return .text(try inject(arguments))
  }

  /// The instance crashes while the statement runs; whether the client hears of it is the crash's
  /// business.
  private func injectCrash(_ arguments: [Value]) throws(SQLError) -> String {
    let text = arguments[0].textArgument
    guard let part = InjectedCrash(rawValue: text.lowercased()) else {
      throw .invalidArgument("invalid argument for aurora_inject_crash: \"\(text)\"")
    }
    server.services.injectCrash(part, by: connection.remote)
    return "crash of \(part.rawValue) injected"
  }

  private func injectReplicaFailure(_ arguments: [Value]) throws(SQLError) -> String {
    let share = try Self.share(arguments[0])
    let interval = try Self.interval(arguments[1])
    let services = server.services
    let name = arguments[2].textArgument
    if !name.isEmpty {
      // A reader can fail for itself alone.
      let replicas =
        services.isReader
        ? [services.identifier]
        : services.replicaStatus().filter { !$0.isWriter }.map(\.serverID)
      guard replicas.contains(name) else {
        let known = replicas.isEmpty ? "there is none" : replicas.joined(separator: ", ")
        throw .invalidArgument("replica \"\(name)\" does not exist; replicas: \(known)")
      }
    }
    services.injectReplicaFailure(
      share: share, of: name.isEmpty ? nil : name, for: interval, by: connection.remote)
    return "replica failure injected"
  }

  private func injectDiskFailure(_ arguments: [Value]) throws(SQLError) -> String {
    try inject(.failure, arguments)
    return "disk failure injected"
  }

  private func injectDiskCongestion(_ arguments: [Value]) throws(SQLError) -> String {
    let (minimum, maximum) = (arguments[4].doubleArgument, arguments[5].doubleArgument)
    for delay in [minimum, maximum] where !(0...Self.longestDelay).contains(delay) {
      throw .invalidArgument("minimum and maximum delay must be between 0.0 and 100.0 milliseconds")
    }
    guard maximum > minimum else {
      throw .invalidArgument("maximum delay must be greater than minimum delay")
    }
    func interval(_ milliseconds: Double) -> Interval { .seconds(rounding: milliseconds / 1000) }
    try inject(.congestion(interval(minimum)...interval(maximum)), arguments)
    return "disk congestion injected"
  }

  /// In milliseconds.
  private static let longestDelay = 100.0

  private func inject(
    _ effect: InjectedStorageFault.Effect, _ arguments: [Value]
  ) throws(SQLError) {
    let share = try Self.share(arguments[0])
    let interval = try Self.interval(arguments[3])
    let status = server.services.volumeStatus()
    let index = Int(arguments[1].integerArgument)
    let isDisk = arguments[2] == .boolean(true)
    let count = isDisk ? status.diskCount : status.nodeCount
    guard (0..<count).contains(index) else {
      throw .invalidArgument(
        "\(isDisk ? "disk" : "storage node") index \(index) is out of range; the maximum is"
          + " \(count - 1)")
    }
    server.services.inject(
      InjectedStorageFault(
        effect, at: isDisk ? .disk(index) : .node(index), share: share, for: interval),
      by: connection.remote)
  }

  // MARK: Arguments

  private static func share(_ value: Value) throws(SQLError) -> Double {
    let percentage = value.doubleArgument
    guard (0...100).contains(percentage) else {
      throw .invalidArgument("percentage of failure must be between 0.0 and 100.0")
    }
    return percentage / 100
  }

  private static func interval(_ value: Value) throws(SQLError) -> Interval {
    let seconds = value.integerArgument
    guard seconds > 0 else { throw .invalidArgument("time interval must be positive") }
    return .seconds(seconds)
  }
}

extension Value {
  /// An argument of a function, which has been cast to the type that the function declares.
  fileprivate var textArgument: String {
    guard case .text(let text) = self else { preconditionFailure("\(self) is no text") }
    return text
  }

  fileprivate var integerArgument: Int64 {
    guard case .integer(let number) = self else { preconditionFailure("\(self) is no integer") }
    return number
  }

  fileprivate var doubleArgument: Double {
    guard case .double(let number) = self else { preconditionFailure("\(self) is no double") }
    return number
  }
}
