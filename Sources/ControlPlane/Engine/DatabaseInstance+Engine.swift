public import Database
import Simulation
import Volume

/// A DB instance, as its host agent handles it.
extension DatabaseInstance: Engine {
  public var status: EngineStatus? {
    guard isResponsive else { return nil }
    let state: EngineStatus.State =
      switch self.state {
      case .stopped: .stopped
      case .starting: .starting
      case .recovering: .recovering
      case .available: .available
      case .fenced: .fenced
      }
    return EngineStatus(
      state: state, role: role == .writer ? .writer : .reader, epoch: epoch.number,
      durableLSN: durableLSN.value, lag: lag, connections: connectionCount,
      activeTransactions: activeTransactionCount)
  }

  public func start(as role: EngineRole) {
    switch role {
    case .writer: start(as: .writer, following: nil)
    case .reader(let writer): start(as: .reader, following: writer)
    }
  }

  public func resize(to capacity: ServerlessCapacity) {
    resizeMemory(to: capacity.memory)
  }
}
